"""Scores of segmentation out of counted pixels, of one class or of several. No torch in here.

With several classes each name of a score stands for the mean over the classes that the truth shows, so that predictors
are compared by the same classes. A pixel found as another class is a false alarm of that and a miss of the true one.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

import numpy as np
from jaxtyping import Num

__all__ = [
    "BACKGROUND",
    "MEASURES",
    "class_measure",
    "class_score",
    "class_scores",
    "classes_scored",
    "confusion_scores",
    "scores_of",
]

BACKGROUND = "background"
"""What is of no class is called so where confusions are shown."""

MEASURES = {"iou": "foreground_iou", "dice": "dice", "precision": "precision", "recall": "recall"}
"""What is told of each class → the score that is its mean over classes."""


def class_score(measure: str, name: str) -> str:
    """Return the name of a class's own score, such as "iou of rifle"."""
    return f"{measure} of {name}"


def class_measure(score: str) -> str | None:
    """Return what a name that `class_score` made measures; None of any other score."""
    measure, _, name = score.partition(" of ")
    return measure if name and measure in MEASURES else None


def classes_scored(scores: Iterable[str]) -> tuple[str, ...]:
    """Return the classes of names that `class_score` made, in their order."""
    return tuple(dict.fromkeys(score.partition(" of ")[2] for score in scores if class_measure(score)))


def confusion_scores(confusion: Num[np.ndarray, "n n"], names: Sequence[str]) -> dict[str, float]:
    """Return the scores of pixels by true class (rows) and found class (columns), as `class_scores` gives them."""
    return class_scores(np.diagonal(confusion), confusion.sum(axis=0), confusion.sum(axis=1), names)


def class_scores(
    hits: Num[np.ndarray, " n"], found: Num[np.ndarray, " n"], truth: Num[np.ndarray, " n"], names: Sequence[str]
) -> dict[str, float]:
    """Return foreground_iou, mean_iou, dice, precision and recall, 0–1, then each class's own.

    Of a class that the truth does not show they are NaN. Where it shows none at all, the means are those of all classes
    as one.

    Args:
        hits: Pixels of each class that are found rightly, background first.
        found: Pixels that are found of each.
        truth: Pixels that show each.
        names: Of the classes; none where all targets are one class without a name.
    """
    total = float(truth.sum())
    counts = zip(hits.tolist(), found.tolist(), truth.tolist(), strict=True)
    nothing, *own = [_one(right, given, true, total) for right, given, true in counts]
    shown = [scores for scores, pixels in zip(own, truth[1:], strict=True) if pixels]
    if not shown:  # so all that is found is wrong
        shown = [_one(0.0, float(found[1:].sum()), 0.0, total)]
    means = {name: _mean([scores[name] for scores in shown]) for name in MEASURES.values()}
    ious = [scores["foreground_iou"] for scores in (*shown, nothing)]
    averages = {"foreground_iou": means["foreground_iou"], "mean_iou": _mean(ious), **means}
    return averages | {
        class_score(measure, name): scores[column] if pixels else math.nan
        for name, scores, pixels in zip(names, own, truth[1:], strict=bool(names))
        for measure, column in MEASURES.items()
    }


def scores_of(tp: float, fp: float, tn: float, fn: float) -> dict[str, float]:
    """Turn pixel counts of one class into scores; a ratio of nothing to nothing is 1."""
    foreground, background = _ratio(tp, tp + fp + fn), _ratio(tn, tn + fp + fn)
    return {
        "foreground_iou": foreground,
        "mean_iou": (foreground + background) / 2,
        "dice": _ratio(2 * tp, 2 * tp + fp + fn),
        "precision": _ratio(tp, tp + fp) if tp + fp or not fn else 0.0,
        "recall": _ratio(tp, tp + fn),
    }


def _one(hits: float, found: float, truth: float, total: float) -> dict[str, float]:
    """Return the scores of one class against all else."""
    return scores_of(hits, found - hits, total - found - truth + hits, truth - hits)


def _mean(values: Sequence[float]) -> float:
    return math.fsum(values) / len(values)


def _ratio(part: float, whole: float) -> float:
    return part / whole if whole else 1.0
