"""Scores of binary masks image by image: pooled, averaged, by size, with intervals from resampled images.

Pooled scores weigh every pixel alike, averages every image.
"""

from __future__ import annotations

from collections.abc import Iterable

import cv2
import numpy as np

from synthgen.core.types import Coverage
from trainers.score.resample import percentile_intervals
from trainers.tasks.segmentation.scores import scores_of

__all__ = ["SIZES", "ImageScores", "boundary_f"]

TOLERANCE = 0.0075  # of the frame's diagonal: how far a found boundary may lie from the true one
SIZES = {"small": (1, 32**2), "medium": (32**2, 96**2), "large": (96**2, None)}  # pixels on target, as COCO cuts them


class ImageScores:
    """Collects counts of true and false positives and negatives for each image."""

    def __init__(self) -> None:
        """Start with no image."""
        self._counts: list[tuple[int, int, int, int]] = []
        self._boundaries: list[float] = []
        self._alarms: list[int] = []

    def update(self, predictions: Iterable[Coverage], truths: Iterable[Coverage]) -> None:
        """Count images, each a boolean prediction (h, w) against a boolean truth (h, w)."""
        for prediction, truth in zip(predictions, truths, strict=True):
            tp = int(np.count_nonzero(prediction & truth))
            fp = int(np.count_nonzero(prediction)) - tp
            fn = int(np.count_nonzero(truth)) - tp
            self._counts.append((tp, fp, truth.size - tp - fp - fn, fn))
            if truth.any():
                self._boundaries.append(boundary_f(prediction, truth))
            else:
                self._alarms.append(cv2.connectedComponents(prediction.astype(np.uint8))[0] - 1)

    def __len__(self) -> int:
        """Images counted."""
        return len(self._counts)

    def compute(self) -> dict[str, float]:
        """Return the pooled scores of `trainers.tasks.segmentation.scores.scores_of`, and averages over images.

        `image_iou` and `boundary_f` are means over images with a target, `false_alarms` the mean number of
        connected false positives in one without; NaN where there is no such image.
        """
        counts = np.array(self._counts)
        positive = counts[counts[:, 0] + counts[:, 3] > 0]
        image_ious = positive[:, 0] / np.maximum(positive[:, 0] + positive[:, 1] + positive[:, 3], 1)
        return {
            **scores_of(*(float(total) for total in counts.sum(axis=0))),
            "image_iou": _mean(image_ious),
            "boundary_f": _mean(self._boundaries),
            "false_alarms": _mean(self._alarms),
        }

    def intervals(self) -> dict[str, tuple[float, float]]:
        """Return 95 % intervals of the pooled scores; the same counts give the same ones."""
        return percentile_intervals(np.array(self._counts, float), lambda totals: scores_of(*totals.tolist()))

    def by_size(self) -> dict[str, float]:
        """Return the pooled foreground IoU of images by their pixels on target; sizes without an image are left out."""
        counts = np.array(self._counts)
        on_target = counts[:, 0] + counts[:, 3]
        found = {}
        for name, (low, high) in SIZES.items():
            chosen = counts[(on_target >= low) & (on_target < (high or np.inf))]
            if len(chosen):
                found[name] = scores_of(*(float(total) for total in chosen.sum(axis=0)))["foreground_iou"]
        return found


def boundary_f(prediction: Coverage, truth: Coverage) -> float:
    """Return the F-measure of boundary pixels within `TOLERANCE` of the other boundary (Csurka et al. 2013), 0–1."""
    found, wanted = _boundary(prediction), _boundary(truth)
    if not found.any() or not wanted.any():
        return float(not found.any() and not wanted.any())
    reach = max(1.0, TOLERANCE * float(np.hypot(*truth.shape)))
    precision = float(np.mean(_distance(wanted)[found] <= reach))
    recall = float(np.mean(_distance(found)[wanted] <= reach))
    return 2 * precision * recall / (precision + recall) if precision + recall else 0.0


def _boundary(mask: Coverage) -> Coverage:
    """Return the pixels of a mask that touch what is not of it; the frame's edge is no boundary."""
    inner = cv2.erode(mask.astype(np.uint8), np.ones((3, 3), np.uint8), borderType=cv2.BORDER_REPLICATE)
    edge: Coverage = mask & (inner == 0)
    return edge


def _distance(boundary: Coverage) -> np.ndarray:
    return cv2.distanceTransform((~boundary).astype(np.uint8), cv2.DIST_L2, 5)


def _mean(values: Iterable[float]) -> float:
    found = list(values)
    return float(np.mean(found)) if found else float("nan")
