"""Which of the objects found in a picture are right by COCO's rule, at ten IoU thresholds and in four ranges of size.

The rule is that of `pycocotools.cocoeval`: surest first, each takes the free true object of its category that it
overlaps most, one beyond the range of sizes only where no other is left. What takes such a one, or takes none and lies
beyond the range itself, is neither right nor wrong; nor is what lies in a crowd or in an ignored region by a share that
reaches the IoU threshold. At most a hundred objects of a category count in one picture.
"""

from __future__ import annotations

from collections import Counter
from itertools import product

import numpy as np
from jaxtyping import Bool, Float64

from synthgen.core.picture import Boxes
from trainers.score.overlaps import Overlaps
from trainers.score.result import Ranked

__all__ = ["CELLS", "IOUS", "MOST", "RANGES", "cell", "ranked"]

IOUS: tuple[float, ...] = tuple(np.linspace(0.5, 0.95, 10).tolist())
RANGES = {"all": (0.0, 1e10), "small": (0.0, 32.0**2), "medium": (32.0**2, 96.0**2), "large": (96.0**2, 1e10)}
"""Least and greatest area, both included, pixels."""
CELLS = tuple(product(RANGES, IOUS))
"""A range of sizes with an IoU threshold each, in the order of the bits."""
MOST = 100  # objects of a category in one picture


def cell(size: str, iou: float) -> int:
    """Return the number of a cell."""
    return CELLS.index((size, iou))


def ranked(found: Boxes, wanted: Boxes, overlaps: Overlaps) -> Ranked:
    """Compare the objects found, whatever their scores, with the true ones.

    Args:
        found: With scores; without, each is as sure as can be.
        wanted: The true ones, without crowds.
        overlaps: Of both, by boxes or by masks.
    """
    scores = np.ones(len(found)) if found.scores is None else found.scores.astype(np.float64)
    order = _surest(scores, found.categories)
    within = np.array([_in_range(overlaps.true_areas, size) for size in RANGES]).reshape(len(RANGES), len(wanted))
    right, counted = np.zeros((2, len(order), len(CELLS)), bool)
    for number, (size, least) in enumerate(CELLS):
        own = within[list(RANGES).index(size)]
        right[:, number], counted[:, number] = _judged(overlaps, order, own, _in_range(overlaps.areas, size), least)
    return Ranked(
        scores=tuple(scores[order].tolist()),
        categories=tuple(found.categories[place] for place in order),
        right=_bits(right),
        counted=_bits(counted),
        wanted=wanted.categories,
        sizes=_bits(within.T),
    )


def _surest(scores: Float64[np.ndarray, " n"], categories: tuple[str, ...]) -> list[int]:
    """Return the places of the objects, surest first, without those beyond the hundredth of a category."""
    seen: Counter[str] = Counter()
    order = []
    for place in np.argsort(-scores, kind="stable").tolist():
        seen[categories[place]] += 1
        if seen[categories[place]] <= MOST:
            order.append(place)
    return order


def _judged(
    overlaps: Overlaps, order: list[int], within: Bool[np.ndarray, " m"], fits: Bool[np.ndarray, " n"], least: float
) -> tuple[Bool[np.ndarray, " k"], Bool[np.ndarray, " k"]]:
    """Return which objects, in this order, are right at an IoU of `least` or above, and which are right or wrong."""
    free = np.ones(len(within), bool)
    right = np.zeros(len(order), bool)
    counted = ((overlaps.excused < least) & fits)[order]
    for rank in np.flatnonzero(overlaps.iou[order].max(axis=1, initial=0) >= least).tolist():
        iou, excused = overlaps.iou[order[rank]], overlaps.excused[order[rank]]
        taken = _best(iou, free & within, least)
        right[rank] = taken is not None
        if taken is None:
            taken = _best(iou, free & ~within, max(least, excused))
        if taken is not None:
            free[taken], counted[rank] = False, right[rank]
    return right, counted


def _best(iou: Float64[np.ndarray, " m"], free: Bool[np.ndarray, " m"], least: float) -> int | None:
    """Return the free true object with the greatest overlap, the last of equals, if that reaches `least`."""
    if not free.any():
        return None
    candidates = np.where(free, iou, -1.0)
    best = len(candidates) - 1 - int(candidates[::-1].argmax())
    return best if candidates[best] >= least else None


def _in_range(areas: Float64[np.ndarray, " n"], size: str) -> Bool[np.ndarray, " n"]:
    low, high = RANGES[size]
    inside: np.ndarray = (areas >= low) & (areas <= high)
    return inside


def _bits(marks: Bool[np.ndarray, "n k"]) -> tuple[int, ...]:
    """Pack each row into an integer, the first column as the lowest bit."""
    values = marks.astype(np.int64) << np.arange(marks.shape[1], dtype=np.int64)
    return tuple(values.sum(axis=1, dtype=np.int64).tolist())
