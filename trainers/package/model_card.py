"""The model card of a package: what it is, what it learnt from, how well it does, what it is for and what not."""

from __future__ import annotations

from typing import Any

__all__ = ["model_card"]

USE = """## Intended use

Marking pixels that may show a firearm in photographs and camera footage, for people who then look themselves: triage of
recordings, assistance to operators, research on synthetic data.

Not for: deciding anything about a person without a human who checks; identifying people; use where a missed
or a wrong detection does harm that nobody stands by to prevent.

## Limits

- It learnt from pictures that were composed: cutouts pasted onto scenes. Photographs differ; score it on photographs
  of the place where it is to work (`synthgen evaluate MODEL --images DIR --masks DIR`, or `--boxes FILE`) first.
- Its probabilities are not calibrated: 0.9 does not mean nine times out of ten.
- Objects much smaller, darker or more hidden than in its training data are missed. Tools, phones and other objects
  that look alike cause false alarms unless they were among its distractors.
- int8 is a different model: compare its scores, not its speed alone.
"""


def model_card(figures: dict[str, Any]) -> str:
    """Return the card as Markdown, from what `trainers.package.package.package` measured."""
    return "\n".join([_head(figures), _data(figures["origin"]), _scores(figures), _speed(figures), USE])


def _head(figures: dict[str, Any]) -> str:
    network = figures["network"]
    height, width = figures["size"]
    encoder = "" if network["network"] == "plain_unet" else f" over {network['encoder']}"
    return f"""# {figures["title"]}

A binary segmenter made by synthgen {figures["synthgen"]}: `{network["network"]}`{encoder}, {figures["parameters"]:,}
parameters; loss `{network["loss"]}`, epochs {network["epochs"]}, seed {network["seed"]}.

`model.onnx` (opset {figures["opset"]}): input `images`, RGB uint8 (batch, {height}, {width}, 3), unprepared; output
`probabilities`, float32 (batch, {height}, {width}), of foreground. It differs from torch by at most
{figures["difference"]:.1e}. Threshold of the scores below: {figures["threshold"]}.

    synthgen predict model.onnx photographs --output predictions
"""


def _data(origin: dict[str, Any]) -> str:
    samples = ", ".join(f"{count:,} {split}" for split, count in origin["samples"].items())
    licences = [f"- {licence or 'no licence given'}: {count} files" for licence, count in origin["licences"].items()]
    lines = [
        "## Training data",
        "",
        f"Synthetic: {samples}. Categories: {', '.join(origin['categories'])}. Nothing else was learnt from but the",
        f"weights it began with: {origin['weights']}.",
        "",
        f"- SHA-256 of the dataset's manifest: `{origin['manifest_sha256']}`",
        f"- fingerprint of recipe, seed and assets: `{origin['fingerprint']}`",
        "",
        "Licences of cutouts and scenes:",
        "",
        *(licences or ["- none recorded"]),
        "",
    ]
    return "\n".join(lines)


def _scores(figures: dict[str, Any]) -> str:
    scores, validation = figures["scores"], figures["origin"]["val_foreground_iou"]
    best = "not measured" if validation is None else f"{validation:.4f}"
    lines = ["## Scores", "", f"Foreground IoU on its validation split, best epoch: {best}.", ""]
    if scores is None:
        return "\n".join([*lines, "No other dataset was given when it was packaged.", ""])
    columns = ("foreground_iou", "mean_iou", "dice", "precision", "recall")
    lines += [f"Split {scores['split']} of `{scores['dataset']}`, {scores['samples']} synthetic samples:", ""]
    lines += [f"| form | {' | '.join(columns)} | 95 % interval of the IoU |", "|---|" + "---|" * (len(columns) + 1)]
    for name, found in scores["forms"].items():
        low, high = found["interval"]
        lines.append(
            f"| {name} | " + " | ".join(f"{found[column]:.4f}" for column in columns) + f" | {low:.4f}–{high:.4f} |"
        )
    empty = " | ".join(f"{scores['empty'][column]:.4f}" for column in columns)
    return "\n".join([*lines, f"| empty prediction | {empty} | |", ""])


def _speed(figures: dict[str, Any]) -> str:
    machine = figures["machine"]
    lines = ["## Latency", "", "One picture, median, measured in turns on the machine that packaged it:", ""]
    lines += ["| form | ms |", "|---|---|"]
    lines += [f"| {name} | {spent:.1f} |" for name, spent in figures["latency_ms"].items()]
    return "\n".join([*lines, "", f"torch {machine['torch']}; onnxruntime {machine['onnxruntime']}.", ""])
