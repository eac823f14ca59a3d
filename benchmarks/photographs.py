r"""What recipes and trainings are worth on real photographs, at equal compute.

    python benchmarks/photographs.py ARM --foregrounds DIR --backgrounds DIR --weights FILE \
        --images DIR --boxes FILE.json --seeds 0 1 2 --json arm.json

An arm is the preset `photographs` and the defaults of training, with one thing changed; `all` is nothing changed. Each
seed makes 4,000 pictures of 192×192 from all cutouts and scenes, trains a U-Net over MobileNetV2 on each of them once,
250 steps of 16 (`--steps`), and scores the photographs, squeezed into a square: boxes found at IoU 0.5 (recall), parts
that found one (precision), and the pointing game, at several operating points. `--side 128` screens in under half the
time.
"""

from __future__ import annotations

import argparse
import json
import statistics
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import cv2
import torch
from rich.console import Console
from rich.table import Table

from synthgen.core.picture import Picture, Samples
from synthgen.engine import GenerationConfig, generate
from synthgen.formats.coco import read_coco
from trainers.config.operating_point import OperatingPoint
from trainers.config.segmentation import SegmentationConfig
from trainers.learn.fit import fit
from trainers.predict.open import open_predictor
from trainers.predict.protocols import Predictor
from trainers.score.benchmark import Benchmark
from trainers.score.evaluate import evaluate

BATCH = 16
POINTS = {
    "default": OperatingPoint(),
    "low": OperatingPoint(threshold=0.3, least_score=0.7),
    "any score": OperatingPoint(least_score=0),
    "nothing closed": OperatingPoint(closing=0, least_area=0.001, least_score=0),
}
SHOWN = ("box_recall", "box_precision", "pointing", "pixels_inside")
ARMS: dict[str, dict[str, Any]] = {
    "all": {},
    "no plain grounds": {"recipe": {"background": {"plain": {"share": 0}}}},
    "no light of an object's own": {"recipe": {"light": {"probability": 0}}},
    "no skew": {"recipe": {"skew": {"aspect": {"min": 1, "max": 1}, "shear": {"min": 0, "max": 0}}}},
    "no grey": {"recipe": {"camera": {"grey": None}}},
    "webcam": {"recipe": {"camera": {"preset": "webcam"}}},
    "no distractors": {"recipe": {"distractors": {"min": 0, "max": 0}}},
    "no mixture of scales": {"recipe": {"scale": {"min": 0.2, "max": 1.3}}},
    "old scale and position": {"recipe": {"scale": {"min": 0.15, "max": 0.6}, "position": {"kind": "uniform"}}},
    "full circle": {"recipe": {"rotation": {"min": -180, "max": 180}}},
    "hands": {"recipe": {"occluders": {"probability": 0.3, "kinds": ["hand", "arm"]}}},
    "one rate": {"training": {"encoder_rate": 1.0}},
    "twice the encoder's rate": {"training": {"encoder_rate": 0.1}},
    "no augmentation": {"training": {"augment": False}},
    "dice alone": {"training": {"loss": "dice"}},
    "constant rate": {"training": {"schedule": "constant"}},
    "no preset": {"recipe": {"preset": None}},
    "full": {
        "recipe": {
            "preset": None,
            "decoys": {"count": {"min": 0, "max": 1}},
            "blend": {"modes": ["none", "feather", "gaussian", "motion", "poisson", "laplacian"]},
            "harmonize": {"modes": ["none", "exposure", "reinhard", "histogram"]},
            "shadow": {"modes": ["none", "contact", "cast"]},
            "camera": {"preset": "webcam"},
        }
    },
}


def main() -> None:
    """Run an arm for each seed; print a table, write JSON."""
    arguments = _arguments()
    torch.set_num_threads(arguments.threads)
    cv2.setNumThreads(1)
    photographs = _Every(read_coco(arguments.images, arguments.boxes), arguments.photographs)
    benchmark = Benchmark(arguments.images.name, "boxes", photographs, "boxes")
    runs = [_run(ARMS[arguments.arm], seed, benchmark, arguments) for seed in arguments.seeds]
    _show(arguments.arm, len(photographs), runs)
    if arguments.json:
        arguments.json.write_text(json.dumps({"arm": arguments.arm, "runs": runs}, indent=1) + "\n")


class _Every:
    """So many photographs, evenly spaced; all of them for 0."""

    def __init__(self, samples: Samples, count: int) -> None:
        step = max(1, len(samples) // count) if count else 1
        self._samples, self._indices = samples, range(0, len(samples), step)[: count or None]

    def __len__(self) -> int:
        return len(self._indices)

    def __getitem__(self, index: int) -> Picture:
        return self._samples[self._indices[index]]


def _run(changes: Mapping[str, Any], seed: int, benchmark: Benchmark, arguments: argparse.Namespace) -> dict[str, Any]:
    """Generate, train and score once."""
    started = time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        dataset = Path(folder) / "dataset"
        generate(_generation(changes.get("recipe", {}), seed, arguments), dataset, console=Console(quiet=True))
        config = SegmentationConfig(
            **{
                "weights": str(arguments.weights),
                "epochs": 1,
                "batch_size": BATCH,
                "seed": seed,
                **changes.get("training", {}),
            }
        )
        predictor = open_predictor(fit(config, dataset, Path(folder) / "model", progress=False))
        torch.set_num_threads(arguments.threads)
        scores = {name: _scores(predictor, benchmark, point) for name, point in POINTS.items()}
        if arguments.keep:
            (arguments.keep / f"{arguments.arm}-{seed}.pt").write_bytes((Path(folder) / "model/model.pt").read_bytes())
    return {"seed": seed, "seconds": round(time.perf_counter() - started), **scores}


def _generation(recipe: Mapping[str, Any], seed: int, arguments: argparse.Namespace) -> GenerationConfig:
    values = {"preset": "photographs", **recipe}
    return GenerationConfig.model_validate(
        {
            "seed": seed,
            "assets": {
                "foregrounds": arguments.foregrounds,
                "backgrounds": arguments.backgrounds,
                "splits": {"train": 1},
            },
            "size": (arguments.side, arguments.side),
            "samples": {"train": arguments.steps * BATCH},
            "recipe": {key: value for key, value in values.items() if value is not None},
            "output": {"path": "unused"},
            "engine": {"kind": "local", "workers": 1},
        }
    )


def _scores(predictor: Predictor, benchmark: Benchmark, point: OperatingPoint) -> dict[str, list[float]]:
    """Return value and 95 % interval of each score."""
    result = evaluate(predictor, benchmark, point=point, fit="stretch")
    return {name: [result.scores[name], *result.intervals[name]] for name in SHOWN}


def _show(arm: str, photographs: int, runs: Sequence[Mapping[str, Any]]) -> None:
    """Print each seed, and the mean of all with their standard deviation."""
    table = Table(title=f"{arm}: {photographs} photographs, {len(runs)} seeds")
    for column in ("seed", "point", *SHOWN, "seconds"):
        table.add_column(column)
    for run in runs:
        for point in POINTS:
            cells = ("{:.3f} ({:.3f}–{:.3f})".format(*run[point][name]) for name in SHOWN)
            table.add_row(str(run["seed"]), point, *cells, str(run["seconds"]))
    for point in POINTS:
        values = [[run[point][name][0] for run in runs] for name in SHOWN]
        spread = [statistics.stdev(found) if len(found) > 1 else float("nan") for found in values]
        cells = (f"{statistics.mean(found):.3f} ± {width:.3f}" for found, width in zip(values, spread, strict=True))
        table.add_row("mean ± sd", point, *cells, "")
    Console(width=160).print(table)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("arm", choices=ARMS)
    for name in ("foregrounds", "backgrounds", "weights", "images", "boxes"):
        parser.add_argument(f"--{name}", type=Path, required=True)
    parser.add_argument("--side", type=int, default=192, help="of the pictures learnt from, pixels")
    parser.add_argument("--steps", type=int, default=250, help="of 16 pictures, none of them seen twice")
    parser.add_argument("--photographs", type=int, default=0, help="score on so many of them, evenly spaced; 0 for all")
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--keep", type=Path, help="folder for the trained models")
    parser.add_argument("--json", type=Path)
    return parser.parse_args()


if __name__ == "__main__":
    main()
