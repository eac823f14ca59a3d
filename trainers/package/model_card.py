"""The model card of a package: what it is, what it learnt from, how well it does, what it is for and what not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from trainers.config.classes import ClassesConfig
from trainers.config.loop import TrainingConfig
from trainers.config.operating_point import OperatingPoint
from trainers.predict.onnx import OUTPUTS
from trainers.predict.protocols import Kind
from trainers.tasks.segmentation.confusion import class_measure, class_score, classes_scored

__all__ = ["model_card"]

WORK: dict[Kind, str] = {
    "pixels": "Marking pixels that may show",
    "boxes": "Drawing boxes around what may be",
    "labels": "Sorting out pictures that may show",
}
COMPOSED = "It learnt from pictures that were composed: cutouts pasted onto scenes. Photographs differ."
OTHER_PLACES = "Photographs of other places and cameras differ from those it learnt from."
USE = """## Intended use

{work} {categories} in photographs and camera footage, for people who then look
themselves: triage of recordings, assistance to operators, research on synthetic data.

Not for: deciding anything about a person without a human who checks; identifying people; use where a missed
or a wrong detection does harm that nobody stands by to prevent.

## Limits

- {learnt} First score it on photographs of the place where it is to work
  (`synthgen evaluate MODEL --images DIR --masks DIR`, or `--boxes FILE`).
- Its probabilities are not calibrated: 0.9 does not mean nine times out of ten.
- It misses objects much smaller, darker or more hidden than in its training data. Objects that look alike cause false
  alarms unless they were among its distractors.
- int8 is a different model: compare its scores, not its speed alone.
"""


def model_card(figures: dict[str, Any]) -> str:
    """Return the card as Markdown, from what `trainers.package.package.package` measured."""
    learnt = OTHER_PLACES if figures["origin"]["photographs"] else COMPOSED
    use = USE.format(work=WORK[figures["kind"]], categories=_listed(figures["categories"]), learnt=learnt)
    parts = [_head(figures), _classes(figures["network"]), _data(figures["origin"]), _scores(figures), _speed(figures)]
    return "\n".join([*(part for part in parts if part), use])


def _head(figures: dict[str, Any]) -> str:
    network = figures["network"]
    told = {*TrainingConfig.model_fields, *ClassesConfig.model_fields, "overlap"}
    own = {name: value for name, value in network.items() if name not in told}
    settings = "".join(f", {name.replace('_', ' ')} `{value}`" for name, value in own.items())
    return f"""# {figures["title"]}

Made by synthgen {figures["synthgen"]}: {network["task"]}{settings}; {figures["parameters"]:,} parameters, epochs
{network["epochs"]}, seed {network["seed"]}.

{_graphs(figures)}{_agreement(figures)} The scores below are those at
its operating point, which the file holds: {OperatingPoint(**figures["operating_point"])}. `predict` and `evaluate`
use it unless told otherwise.

    synthgen predict {figures.get("graphs", ["model.onnx"])[0]} photographs --output predictions
"""


def _graphs(figures: Mapping[str, Any]) -> str:
    """Say which files there are, and what they take and give."""
    height, width = figures["size"]
    takes = f"input `images`, RGB uint8 (batch, {height}, {width}, 3), unprepared"
    apart = f"differs from torch by at most {figures['difference']:.1e}."
    files = figures.get("graphs", ["model.onnx"])
    if len(files) == 1:
        outputs = " and ".join(f"`{name}`" for name in figures.get("outputs", [OUTPUTS[figures["kind"]]]))
        return f"`{files[0]}` (opset {figures['opset']}): {takes}; output\n{outputs}, float32. It {apart}"
    named = ", ".join(f"`{file}`" for file in files)
    return (
        f"{named} (opset {figures['opset']}) belong together. The first one takes\n{takes}; "
        "what the others take, and how\n"
        f"boxes are chosen between them, synthgen's documents say (Detection, Packages). Each {apart}"
    )


def _agreement(figures: Mapping[str, Any]) -> str:
    found = figures.get("agreement")
    if found is None:
        return ""
    return (
        f"\nOf {found['boxes']} boxes that torch finds in {found['pictures']} pictures (8 of noise), ONNX finds "
        f"{found['alike']} alike."
    )


def _classes(network: Mapping[str, Any]) -> str:
    """Say what is told apart, in which order, and which categories that stands for; nothing of a single class."""
    names, changes = network.get("classes", "one"), network.get("class_map", {})
    if isinstance(names, str):
        return ""
    how = "a mask of its own each" if network.get("overlap") else "a pixel is of one of them, or of none"
    if network.get("task") == "detection":
        how = "a score of its own each"
    lines = ["## Classes", "", f"In the order of the output: {', '.join(names)} ({how})."]
    merged = [f"{category} counts as {name}" for category, name in changes.items() if name is not None]
    dropped = [category for category, name in changes.items() if name is None]
    lines += [f"Categories: {', '.join(merged)}."] if merged else []
    lines += [f"No target: {', '.join(dropped)}."] if dropped else []
    return "\n".join([*lines, ""])


def _data(origin: dict[str, Any]) -> str:
    lines = ["## Training data", ""]
    for source in origin["sources"]:
        lines += [*_source(source), ""]
    for photographs in origin["photographs"]:
        lines += [*_photographs(photographs), ""]
    return "\n".join([*lines, f"It learnt from nothing else but the weights it began with: {origin['weights']}.", ""])


def _source(source: dict[str, Any]) -> list[str]:
    samples = ", ".join(f"{count:,} {split}" for split, count in source["samples"].items())
    licences = [f"  - {licence or 'no licence given'}: {count} files" for licence, count in source["licences"].items()]
    return [
        f"Synthetic: {samples}. Categories: {', '.join(source['categories'])}.",
        "",
        f"- SHA-256 of the dataset's manifest: `{source['manifest_sha256']}`",
        f"- fingerprint of recipe, seed and assets: `{source['fingerprint']}`",
        "- licences of cutouts and scenes:",
        *(licences or ["  - none recorded"]),
    ]


def _photographs(source: dict[str, Any]) -> list[str]:
    return [
        f"Photographs: {source['count']:,} of `{source['folder']}`, known by their {source['annotation']}; "
        f"{source['share']:.0%} of the samples in their training.",
        "",
        f"- SHA-256 of the photographs: `{source['images_sha256']}`",
        f"- SHA-256 of their {source['annotation']}: `{source['annotation_sha256']}`",
    ]


def _scores(figures: dict[str, Any]) -> str:
    scores, watched = figures["scores"], figures["origin"]["watched"]
    best = "Its training had no validation split." if watched is None else f"Best epoch: {watched[0]} {watched[1]:.4f}."
    lines = ["## Scores", "", best, ""]
    if scores is None:
        return "\n".join([*lines, "No other dataset was given when it was packaged.", ""])
    first = next(iter(scores["forms"].values()))
    columns = [name for name in first if name != "interval" and class_measure(name) is None]
    lines += [f"Split {scores['split']} of `{scores['dataset']}`, {scores['samples']} synthetic samples:", ""]
    lines += [f"| form | {' | '.join(columns)} | 95 % interval of {scores['headline']} |"]
    lines += ["|---|" + "---|" * (len(columns) + 1)]
    for name, found in scores["forms"].items():
        low, high = found["interval"]
        lines.append(f"| {name} | {_cells(found, columns)} | {low:.4f}–{high:.4f} |")
    lines += [f"| {name} | {_cells(found, columns)} | |" for name, found in scores["baselines"].items()]
    return "\n".join([*lines, *_by_class(scores["forms"]), ""])


def _by_class(forms: Mapping[str, Mapping[str, float]]) -> list[str]:
    """Return a table of the IoU of each class; no lines where there are none."""
    names = classes_scored(next(iter(forms.values())))
    if not names:
        return []
    ious = [class_score("iou", name) for name in names]
    lines = ["", f"| IoU | {' | '.join(names)} |", "|---|" + "---|" * len(names)]
    return lines + [f"| {form} | {_cells(found, ious)} |" for form, found in forms.items()]


def _cells(scores: Mapping[str, float], columns: Sequence[str]) -> str:
    return " | ".join(f"{scores[column]:.4f}" if column in scores else "–" for column in columns)


def _speed(figures: dict[str, Any]) -> str:
    machine = figures["machine"]
    lines = ["## Latency", "", "One picture, median, measured in turns on the machine that packaged it:", ""]
    lines += ["| form | ms |", "|---|---|"]
    lines += [f"| {name} | {spent:.1f} |" for name, spent in figures["latency_ms"].items()]
    return "\n".join([*lines, "", f"torch {machine['torch']}; onnxruntime {machine['onnxruntime']}.", ""])


def _listed(names: Sequence[str]) -> str:
    """Return "a", "a or b", "a, b or c"."""
    if not names:
        return "its targets"
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} or {names[-1]}"
