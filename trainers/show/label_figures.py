"""What is told of labels beyond the table: ROC, precision and recall, reliability; scores by category and by source."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import matplotlib
import numpy as np
from matplotlib.axes import Axes

from synthgen.core.files import make_directory
from trainers.score.label_curves import LabelCurve, Told, curve_of, reliability_of, told_by
from trainers.score.labels import LABELS
from trainers.score.result import Result
from trainers.score.slices import Slice, slices_of
from trainers.score.traits import CATEGORY, SOURCE
from trainers.show.columns import cell_of, interval_cell
from trainers.show.figures import save_figure

matplotlib.use("Agg")
from matplotlib import pyplot as plt

__all__ = ["draw_label_figures", "label_sections", "label_values"]

POINTS = 200  # of a curve in the JSON, at most
LARGEST = 300  # area of the dot of all pictures in one bin, points²
GUESS: dict[str, Any] = {"color": "#999999", "linewidth": 0.8, "linestyle": ":"}
PANELS = (  # title, axes, title of the legend
    ("ROC; dot: operating point", "share of negatives that pass", "share of positives that pass", "area"),
    ("precision and recall; dotted: all pass", "recall", "precision", "area"),
    ("reliability; size of a dot: pictures", "probability", "share of positives", "calibration error"),
)
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
    figure, panels = plt.subplots(1, 3, figsize=(12, 4.4), layout="constrained")
    axes = tuple(panels)
    for axis in (axes[0], axes[2]):
        axis.plot((0, 1), (0, 1), **GUESS)
    for name, result in results.items():
        told = told_by(result.rows)
        if len(told.positive):
            _draw_lines(axes, name, result, told)
    for axis, (caption, across, upwards, words) in zip(axes, PANELS, strict=True):
        axis.set(xlabel=across, ylabel=upwards, xlim=(-0.02, 1.02), ylim=(-0.02, 1.02), aspect="equal")
        axis.set_title(caption, fontsize=10)
        axis.grid(alpha=0.3)
        if axis.get_legend_handles_labels()[0]:
            axis.legend(title=words, fontsize=8, title_fontsize=8)
    figure.suptitle(title, fontsize=10)
    save_figure(figure, folder / f"{stem}-curves.png")


def _draw_lines(axes: Sequence[Axes], name: str, result: Result, told: Told) -> None:
    """Draw what one model told into each of the three panels."""
    roc, precision, reliable = axes
    curve, bins = curve_of(told), reliability_of(told)
    passed = int(np.flatnonzero(curve.thresholds > result.point.threshold)[-1])  # the last that the point lets pass
    (line,) = roc.step(curve.alarms, curve.recalls, where="post", label=_with(name, result, "auc"))
    colour = line.get_color()
    roc.plot(curve.alarms[passed], curve.recalls[passed], "o", color=colour, markersize=5)
    precision.axhline(told.positive.mean(), **GUESS)
    precision.step(curve.recalls, curve.precisions, where="pre", color=colour, label=_with(name, result, "ap"))
    precision.plot(curve.recalls[passed], curve.precisions[passed], "o", color=colour, markersize=5)
    reliable.plot(bins.probabilities, bins.shares, color=colour, linewidth=0.8, label=_with(name, result, "ece"))
    sizes = np.maximum(LARGEST * bins.pictures / bins.pictures.sum(), 4)
    reliable.scatter(bins.probabilities, bins.shares, s=sizes, color=colour, alpha=0.8, linewidths=0)


def _with(name: str, result: Result, score: str) -> str:
    """Return the name of a model with a score and its interval."""
    ends = result.intervals.get(score)
    return f"{name}: {result.scores[score]:.3f}" + (f" ({ends[0]:.3f}–{ends[1]:.3f})" if ends else "")


def label_sections(results: Mapping[str, Result]) -> Iterator[str]:
    """Yield the lines of Markdown on categories and sources; none where there are none."""
    categories = {name: slices_of(result.rows, LABELS, (CATEGORY,)) for name, result in results.items()}
    if any(categories.values()):
        yield from ("", "| model | category | pictures | recall | interval |", "|---" * 5 + "|")
    for name, found in categories.items():
        for part in found:
            recall = f"{cell_of('recall', part.score)} | {interval_cell(part.interval)}"
            yield f"| {name} | {part.label} | {part.decisive} | {recall} |"
    sources = {name: slices_of(result.rows, LABELS, (SOURCE,)) for name, result in results.items()}
    if any(len(found) > 1 for found in sources.values()):
        yield from ("", f"| model | source | pictures | {' | '.join(BY_SOURCE)} |", "|---" * (3 + len(BY_SOURCE)) + "|")
    for name, found in sources.items():
        for part in found if len(found) > 1 else ():
            cells = (cell_of(score, part.scores[score]) for score in BY_SOURCE)
            yield f"| {name} | {part.label} | {part.decisive} | {' | '.join(cells)} |"


def label_values(result: Result) -> dict[str, Any]:
    """Return for JSON: recall by category, scores by source, the curve (at most 200 points), and reliability."""
    told = told_by(result.rows)
    return {
        "categories": {part.label: _category_values(part) for part in slices_of(result.rows, LABELS, (CATEGORY,))},
        "sources": {
            part.label: {"pictures": part.decisive, **part.scores} for part in slices_of(result.rows, LABELS, (SOURCE,))
        },
        "curve": _points(curve_of(told)) if len(told.positive) else None,
        "reliability": {name: values.tolist() for name, values in asdict(reliability_of(told)).items()},
    }


def _category_values(part: Slice) -> dict[str, Any]:
    return {"pictures": part.decisive, "recall": part.score, "interval": part.interval}


def _points(curve: LabelCurve) -> dict[str, list[float]]:
    count = len(curve.thresholds)
    places = np.unique(np.linspace(0, count - 1, min(POINTS, count)).round().astype(int))
    finite = np.where(np.isinf(curve.thresholds), np.nan, curve.thresholds)
    return {name: values[places].tolist() for name, values in {**asdict(curve), "thresholds": finite}.items()}
