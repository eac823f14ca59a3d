"""The columns of tables of scores: which there are, what they are called, and how a score is written."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping

from trainers.tasks.segmentation.confusion import class_measure

__all__ = ["cell_of", "columns_of", "interval_cell", "is_count", "narrow", "short_title"]

SHORT = {
    "foreground_iou": "fg IoU",
    "mean_iou": "mIoU",
    "balanced_accuracy": "bal. acc.",
    "f1": "F1",
    "auc": "AUC",
    "auc_within": "in src.",
    "box_recall": "recall",
    "precision": "precis.",
    "box_precision": "precis.",
    "ap": "AP",
    "ap50": "AP50",
    "mask_ap": "mask AP",
    "recall_at_1_fa": "R@1FA",
    "sequence_error": "seq. err",
}
COUNTS = ("boxes", "truth")  # scores that are numbers of things
RARE = ("mask_", "sequence_", "pointing", "auc_within")  # begin the names of scores that have a column only where known
WIDE = (  # scores for which a terminal of 80 columns has no room
    *("image_iou", "boundary_f", "false_alarms"),
    *("pixels_inside", "boxes", "ap75", "ap_small", "ap_medium", "ap_large"),
    *("mask_ap50", "mask_ap75", "mask_ap_small", "mask_ap_medium", "mask_ap_large"),
    *("accuracy", "precision_at_half", "recall_at_half", "f1_at_half", "ece"),
)


def columns_of(lines: Iterable[Mapping[str, float]]) -> list[str]:
    """Return the scores that a table has a column for, by the lines that are to stand in it; classes have their own."""
    every = list(lines)
    return [
        name
        for name in every[0]
        if class_measure(name) is None
        and not (name.startswith(RARE) and all(math.isnan(scores[name]) for scores in every))
    ]


def narrow(columns: Iterable[str]) -> list[str]:
    """Return those for which a terminal has room."""
    return [column for column in columns if column not in WIDE]


def short_title(column: str) -> str:
    """Return the title of a column in a terminal."""
    return SHORT.get(column, column.replace("_", " "))


def is_count(column: str) -> bool:
    """Tell whether a score is a number of things, and so has no interval worth telling."""
    return column in COUNTS


def cell_of(column: str, value: float) -> str:
    """Return a score as it is written; a dash where there is none."""
    if math.isnan(value):
        return "–"
    return f"{value:.0f}" if is_count(column) else f"{value:.4f}"


def interval_cell(ends: tuple[float, float] | None) -> str:
    """Return an interval as it is written; a dash where there is none."""
    return "–" if ends is None else f"{ends[0]:.4f}–{ends[1]:.4f}"
