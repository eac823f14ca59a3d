"""What is told of labels beyond the table: ROC, precision and recall, reliability; scores by category and by source."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import matplotlib
import numpy as np
from matplotlib.axes import Axes
from matplotlib.typing import ColorType

from synthgen.core.files import make_directory
from trainers.score.label_curves import LabelCurve, Reliability, curve_of, reliability_of, told_by
from trainers.score.labels import LABELS
from trainers.score.result import Result
from trainers.score.slices import Slice, slices_of
from trainers.score.traits import CATEGORY, SOURCE
from trainers.show.figures import save_figure

matplotlib.use("Agg")
from matplotlib import pyplot as plt

__all__ = ["draw_label_figures", "label_sections", "label_values"]

POINTS = 200  # of a curve in the JSON, at most
LARGEST = 300  # area of the dot of all pictures in one bin, points²
BY_SOURCE = ("accuracy", "recall", "auc")  # recall is – where a source has no positive, auc where it has one label


def draw_label_figures(folder: Path, results: Mapping[str, Result], title: str, stem: str) -> None:
    """Write STEM-curves.png: ROC, precision against recall, reliability, a line for each model.

    A dot is the operating point. Models of several labels have no line, as no single probability is theirs.

    Args:
        folder: To write into.
        results: Of each model, by name, all on one benchmark of labels.
        title: Of the benchmark.
        stem: Of the file name.
    """
    make_directory(folder)
    figure, (roc, precision, reliable) = plt.subplots(1, 3, figsize=(12, 4.4), layout="constrained")
    roc.plot((0, 1), (0, 1), color="#999999", linewidth=0.8, linestyle=":")
    reliable.plot((0, 1), (0, 1), color="#999999", linewidth=0.8, linestyle=":")
    for name, result in results.items():
        told = told_by(result.rows)
        if not len(told.positive):
            continue
        curve, place = curve_of(told), _place(curve_of(told), result.point.threshold)
        (line,) = roc.step(curve.alarms, curve.recalls, where="post", label=_with(name, result, "auc"))
        colour = line.get_color()
        roc.plot(curve.alarms[place], curve.recalls[place], "o", color=colour, markersize=5)
        precision.axhline(told.positive.mean(), color="#999999", linewidth=0.8, linestyle=":")
        precision.step(curve.recalls, curve.precisions, where="pre", color=colour, label=_with(name, result, "ap"))
        precision.plot(curve.recalls[place], curve.precisions[place], "o", color=colour, markersize=5)
        _draw_reliability(reliable, reliability_of(told), colour, _with(name, result, "ece"))
    roc.set(xlabel="share of negatives that pass", ylabel="share of positives that pass")
    roc.set_title("ROC; dot: operating point", fontsize=10)
    precision.set(xlabel="recall", ylabel="precision")
    precision.set_title("precision and recall; dotted: all pass", fontsize=10)
    reliable.set(xlabel="probability", ylabel="share of positives")
    reliable.set_title("reliability; size of a dot: pictures", fontsize=10)
    for axis, words in ((roc, "area"), (precision, "area"), (reliable, "calibration error")):
        axis.set(xlim=(-0.02, 1.02), ylim=(-0.02, 1.02), aspect="equal")
        axis.grid(alpha=0.3)
        if axis.get_legend_handles_labels()[0]:
            axis.legend(title=words, fontsize=8, title_fontsize=8)
    figure.suptitle(title, fontsize=10)
    save_figure(figure, folder / f"{stem}-curves.png")


def _with(name: str, result: Result, score: str) -> str:
    """Return the name of a model with a score and its interval."""
    ends = result.intervals.get(score)
    return f"{name}: {result.scores[score]:.3f}" + (f" ({ends[0]:.3f}–{ends[1]:.3f})" if ends else "")


def _place(curve: LabelCurve, threshold: float) -> int:
    """Return the place of what passes a threshold, which lets pass what is more probable."""
    return int(np.flatnonzero(curve.thresholds > threshold)[-1])


def _draw_reliability(axis: Axes, bins: Reliability, colour: ColorType, label: str) -> None:
    axis.plot(bins.probabilities, bins.shares, color=colour, linewidth=0.8, label=label)
    sizes = LARGEST * bins.pictures / bins.pictures.sum()
    axis.scatter(bins.probabilities, bins.shares, s=np.maximum(sizes, 4), color=colour, alpha=0.8, linewidths=0)


def label_sections(results: Mapping[str, Result]) -> Iterator[str]:
    """Yield the lines of Markdown on categories and sources; none where there are none."""
    categories = {name: slices_of(result.rows, LABELS, (CATEGORY,)) for name, result in results.items()}
    if any(categories.values()):
        yield from ("", "| model | category | pictures | recall | interval |", "|---" * 5 + "|")
    for name, found in categories.items():
        for part in found:
            yield f"| {name} | {part.label} | {part.decisive} | {_cell(part.score)} | {_ends(part)} |"
    sources = {name: slices_of(result.rows, LABELS, (SOURCE,)) for name, result in results.items()}
    if any(len(found) > 1 for found in sources.values()):
        yield from ("", f"| model | source | pictures | {' | '.join(BY_SOURCE)} |", "|---" * (3 + len(BY_SOURCE)) + "|")
    for name, found in sources.items():
        for part in found if len(found) > 1 else ():
            cells = (_cell(part.scores[score]) for score in BY_SOURCE)
            yield f"| {name} | {part.label} | {part.decisive} | {' | '.join(cells)} |"


def label_values(result: Result) -> dict[str, Any]:
    """Return for JSON: recall by category, scores by source, the curve (at most 200 points), and reliability."""
    told = told_by(result.rows)
    return {
        "categories": {part.label: _told(part) for part in slices_of(result.rows, LABELS, (CATEGORY,))},
        "sources": {
            part.label: {"pictures": part.decisive, **part.scores} for part in slices_of(result.rows, LABELS, (SOURCE,))
        },
        "curve": _points(curve_of(told)) if len(told.positive) else None,
        "reliability": {name: values.tolist() for name, values in asdict(reliability_of(told)).items()},
    }


def _told(part: Slice) -> dict[str, Any]:
    return {"pictures": part.decisive, "recall": part.score, "interval": part.interval}


def _points(curve: LabelCurve) -> dict[str, list[float]]:
    count = len(curve.thresholds)
    places = np.unique(np.linspace(0, count - 1, min(POINTS, count)).round().astype(int))
    finite = np.where(np.isinf(curve.thresholds), np.nan, curve.thresholds)
    return {name: values[places].tolist() for name, values in {**asdict(curve), "thresholds": finite}.items()}


def _cell(value: float) -> str:
    return "–" if math.isnan(value) else f"{value:.4f}"


def _ends(part: Slice) -> str:
    return "–" if part.interval is None else f"{part.interval[0]:.4f}–{part.interval[1]:.4f}"
