"""Which true boxes are found, which found box is which true one, and what is taken for what."""

from __future__ import annotations

import numpy as np
from jaxtyping import Bool, Float64

from synthgen.core.picture import Boxes
from trainers.score.overlaps import box_iou, same_category
from trainers.score.result import Pair

__all__ = ["LEAST_IOU", "hit_by", "matches", "paired"]

LEAST_IOU = 0.5


def hit_by(found: Boxes, truth: Boxes) -> Bool[np.ndarray, "n m"]:
    """Tell which found box has IoU ≥ .5 with which true one of its category; true boxes that overlap may share one."""
    near: np.ndarray = box_iou(found.xyxy, truth.xyxy) * same_category(found, truth) >= LEAST_IOU
    return near


def matches(found: Boxes, truth: Boxes) -> dict[int, int]:
    """Return found box → true box: pairs of IoU ≥ .5, best first, each box in one pair.

    Those of one category come before all others: a true box that was found is not confused as well.
    """
    overlap, same = box_iou(found.xyxy, truth.xyxy), same_category(found, truth)
    pairs: dict[int, int] = {}
    _pair(overlap * same, pairs)
    _pair(overlap * ~same, pairs)
    return pairs


def paired(found: Boxes, truth: Boxes, counted: list[int]) -> tuple[Pair, ...]:
    """Return the category of each true box beside that of the box found there, then those of the false alarms.

    Args:
        found: Boxes at the operating point.
        truth: The true ones, without crowds.
        counted: The places of those found that are right or wrong.
    """
    pairs = matches(found, truth)
    taken = {true: place for place, true in pairs.items()}
    wanted: list[Pair] = [
        (name, found.categories[taken[true]] if true in taken else None) for true, name in enumerate(truth.categories)
    ]
    alarms: list[Pair] = [(None, found.categories[place]) for place in counted if place not in pairs]
    return (*wanted, *alarms)


def _pair(overlap: Float64[np.ndarray, "n m"], pairs: dict[int, int]) -> None:
    """Add to the pairs, the greatest overlap first."""
    for place in np.argsort(-overlap, axis=None, kind="stable").tolist():
        i, j = divmod(place, overlap.shape[1])
        if overlap[i, j] < LEAST_IOU:
            break
        if i not in pairs and j not in pairs.values():
            pairs[i] = j
