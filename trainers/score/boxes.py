"""Scores of predicted masks on photographs that have boxes only: boxes of connected parts against true boxes."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from synthgen.core.types import Coverage
from synthgen.formats.coco import Box
from trainers.score.resample import percentile_intervals

__all__ = ["BoxScores", "box_iou", "matched"]

LEAST_IOU = 0.5


class BoxScores:
    """Collects, image by image, boxes found and missed, and pixels inside and outside of true boxes."""

    def __init__(self) -> None:
        """Start with no image."""
        self._counts: list[tuple[int, int, int, int, int]] = []

    def update(self, found: Sequence[Box], prediction: Coverage, truth: Sequence[Box]) -> None:
        """Count one image: boxes found, the boolean prediction (h, w) they are of, and the true boxes."""
        inside = np.zeros(prediction.shape, bool)
        for x0, y0, x1, y1 in truth:
            inside[max(0, round(y0)) : max(0, round(y1)), max(0, round(x0)) : max(0, round(x1))] = True
        hits = matched(found, truth)
        pixels = int(np.count_nonzero(prediction))
        self._counts.append((hits, len(found), len(truth), int(np.count_nonzero(prediction & inside)), pixels))

    def __len__(self) -> int:
        """Images counted."""
        return len(self._counts)

    def compute(self) -> dict[str, float]:
        """Return box_recall and box_precision, pixels_inside, and boxes found; nothing of nothing is 0."""
        return _scores(np.array(self._counts, float).sum(axis=0))

    def intervals(self) -> dict[str, tuple[float, float]]:
        """Return 95 % intervals from resampled images."""
        return percentile_intervals(np.array(self._counts, float), _scores)


def matched(found: Sequence[Box], truth: Sequence[Box]) -> int:
    """Return how many true boxes are found: pairs of IoU ≥ .5, best first, each box in one pair."""
    pairs = sorted(
        ((box_iou(a, b), i, j) for i, a in enumerate(found) for j, b in enumerate(truth)), key=lambda pair: -pair[0]
    )
    taken: set[tuple[str, int]] = set()
    hits = 0
    for iou, i, j in pairs:
        if iou >= LEAST_IOU and not taken & {("found", i), ("truth", j)}:
            taken |= {("found", i), ("truth", j)}
            hits += 1
    return hits


def box_iou(a: Box, b: Box) -> float:
    """Return the overlap of two boxes over their union, 0–1."""
    width, height = min(a[2], b[2]) - max(a[0], b[0]), min(a[3], b[3]) - max(a[1], b[1])
    if width <= 0 or height <= 0:
        return 0.0
    both = width * height
    return both / ((a[2] - a[0]) * (a[3] - a[1]) + (b[2] - b[0]) * (b[3] - b[1]) - both)


def _scores(totals: np.ndarray) -> dict[str, float]:
    hits, found, truth, inside, pixels = totals.tolist()
    return {
        "box_recall": hits / truth if truth else 0.0,
        "box_precision": hits / found if found else 0.0,
        "pixels_inside": inside / pixels if pixels else 0.0,
        "boxes": found,
    }
