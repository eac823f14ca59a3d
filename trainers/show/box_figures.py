"""What is told of boxes beyond the table: FROC curves, what was taken for what, categories and sequences."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import matplotlib
import numpy as np
from matplotlib.axes import Axes

from synthgen.core.files import make_directory
from trainers.score.box_classes import by_category
from trainers.score.confusion import Confusion, confusion_of
from trainers.score.froc import Froc, froc_of
from trainers.score.result import Result
from trainers.score.sequences import sequence_errors
from trainers.show.columns import cell_of
from trainers.show.figures import save_figure
from trainers.tasks.segmentation.confusion import BACKGROUND

matplotlib.use("Agg")
from matplotlib import pyplot as plt

__all__ = ["box_sections", "box_values", "draw_box_figures", "draw_confusion", "draw_froc"]

MOST_ALARMS = 8.0  # a picture, on the axis
POINTS = 200  # of a curve in the JSON, at most
DARK = 0.6  # share of a shade from which on its words are white
CATEGORY_COLUMNS = ("truth", "ap", "ap50", "ap75", "recall", "precision")
"""What Markdown tells of a category; JSON tells all."""


def draw_box_figures(folder: Path, results: Mapping[str, Result], title: str, stem: str) -> None:
    """Write STEM-froc.png with a curve for each model, and STEM-confusion.png with a matrix for each.

    Args:
        folder: To write into.
        results: Of each model, by name, all on one benchmark of boxes.
        title: Of the benchmark.
        stem: Of the file names.
    """
    make_directory(folder)
    curves = {name: curve for name, result in results.items() if (curve := froc_of(result.rows)) is not None}
    draw_froc(folder / f"{stem}-froc.png", curves, title)
    matrices = {name: confusion_of(result.rows) for name, result in results.items()}
    draw_confusion(folder / f"{stem}-confusion.png", matrices, title)


def draw_froc(path: Path, curves: Mapping[str, Froc], title: str) -> None:
    """Draw recall against false alarms a picture as steps, with a mark at one false alarm; each ends with its boxes."""
    figure, axis = plt.subplots(figsize=(7, 4.5), layout="constrained")
    last = max((float(curve.alarms[-1]) for curve in curves.values()), default=0.0)
    axis.axvline(1, color="#999999", linewidth=0.8, linestyle=":")
    for name, curve in curves.items():
        if math.isnan(curve.recalls[0]):
            continue  # nothing was to be found
        (line,) = axis.step(curve.alarms, curve.recalls, where="post", label=f"{name}: {curve.recall_at(1):.3f}")
        axis.plot(curve.alarms[-1], curve.recalls[-1], marker="o", color=line.get_color(), markersize=5)
    axis.set(xlabel="false alarms a picture", ylabel="recall at IoU ≥ 0.5", title=title)
    axis.set_xlim(0, min(max(1.2, 1.05 * last), MOST_ALARMS))
    axis.set_ylim(0, 1.02)
    axis.grid(alpha=0.3)
    if axis.get_legend_handles_labels()[0]:
        axis.legend(title="recall at 1 false alarm a picture", fontsize=8, title_fontsize=8)
    save_figure(figure, path)


def draw_confusion(path: Path, matrices: Mapping[str, Confusion], title: str) -> None:
    """Draw the counts of each model: blue what is right, orange what is not.

    Shades are shares of the true category; in the row of background, of all that was found as such.
    """
    side = max(2.6, 0.7 * max(len(matrix.names) + 1 for matrix in matrices.values()) + 1.2)
    width = max(side * len(matrices) + 0.6, 0.08 * len(title) + 0.4)
    figure, axes = plt.subplots(1, len(matrices), figsize=(width, side + 0.9), layout="constrained", squeeze=False)
    for axis, (name, matrix) in zip(axes[0], matrices.items(), strict=True):
        _draw_matrix(axis, matrix)
        axis.set_title(name, fontsize=9)
        axis.set_xlabel("found", fontsize=9)
    axes[0][0].set_ylabel("true", fontsize=9)
    figure.suptitle(f"{title}\nat the operating point, IoU ≥ 0.5", fontsize=10)
    save_figure(figure, path)


def _draw_matrix(axis: Axes, matrix: Confusion) -> None:
    counts, last = matrix.counts, len(matrix.names)
    totals = np.maximum(counts.sum(axis=1, keepdims=True), 1)
    shares = counts / np.where(np.arange(last + 1)[:, None] < last, totals, np.maximum(counts.sum(axis=0), 1))
    right = np.eye(last + 1)[..., None]
    axis.imshow(right * plt.get_cmap("Blues")(shares) + (1 - right) * plt.get_cmap("Oranges")(shares))
    for (row, column), count in np.ndenumerate(counts):
        if not row == column == last:  # background that is found as background cannot be counted
            colour = "white" if shares[row, column] > DARK else "black"
            axis.text(column, row, f"{count:,}", ha="center", va="center", color=colour, fontsize=9)
    labels = [*matrix.names, BACKGROUND]
    axis.set_xticks(range(last + 1), labels, rotation=45, ha="right", fontsize=8)
    axis.set_yticks(range(last + 1), labels, fontsize=8)


def box_sections(results: Mapping[str, Result]) -> Iterator[str]:
    """Yield the lines of Markdown on categories and sequences; none where there are none."""
    categories = {name: by_category(result.rows) for name, result in results.items()}
    if any(categories.values()):
        yield from ("", f"| model | category | {' | '.join(CATEGORY_COLUMNS)} |", "|---" * 8 + "|")
    for name, found in categories.items():
        for category, scores in found.items():
            cells = " | ".join(cell_of(column, scores[column]) for column in CATEGORY_COLUMNS)
            yield f"| {name} | {category} | {cells} |"
    errors = {name: sequence_errors(result.rows) for name, result in results.items()}
    if any(errors.values()):
        yield from ("", "| model | sequence | frames with a target | found | detection error |", "|---" * 5 + "|")
    for name, sequences in errors.items():
        for each in sequences:
            yield f"| {name} | {each.group} | {each.frames} | {each.found} | {each.error:.4f} |"


def box_values(result: Result) -> dict[str, Any]:
    """Return for JSON: categories, confusion, FROC (at most 200 points), sequences."""
    confusion, curve = confusion_of(result.rows), froc_of(result.rows)
    return {
        "categories": by_category(result.rows),
        "confusion": {"names": [*confusion.names, BACKGROUND], "counts": confusion.counts.tolist()},
        "froc": None if curve is None else _points(curve),
        "sequences": [
            {"group": each.group, "frames": each.frames, "found": each.found, "error": each.error}
            for each in sequence_errors(result.rows)
        ],
    }


def _points(curve: Froc) -> dict[str, list[float]]:
    places = np.unique(np.linspace(0, len(curve.alarms) - 1, min(POINTS, len(curve.alarms))).round().astype(int))
    thresholds = np.where(np.isinf(curve.thresholds), np.nan, curve.thresholds)
    return {
        "thresholds": thresholds[places].tolist(),
        "false_alarms": curve.alarms[places].tolist(),
        "recalls": curve.recalls[places].tolist(),
    }
