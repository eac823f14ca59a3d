"""Result rows made by hand."""


def row(name="a-s0", *, setting="a", iou=0.5, samples=16, key="test", score="foreground_iou", **changes):
    """The row of a run that went well; `score` decides, on the benchmark `key`."""
    return {
        "name": name,
        "setting": setting,
        "family": "unet",
        "series": "unet",
        "digest": "d",
        "status": "done",
        "error": "",
        "weights": "none",
        "samples": samples,
        "tflop_training": 1.0,
        "watched": f"val_{score}",
        "headline": f"{key}_{score}",
        "rising": True,
        "benchmarks": {key: [score]},
        f"{key}_{score}": iou,
        "baselines": {"empty prediction": {f"{key}_{score}": 0.0}},
        **changes,
    }
