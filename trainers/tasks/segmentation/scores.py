"""Scores of binary masks, pooled over all pixels of a set.

`mean_iou` is the mean of the foreground's and the background's IoU (Keras `BinaryIoU` with both
classes): an empty prediction scores about one half on it, which is why `foreground_iou` and the
empty predictor's row stand beside it. Scores image by image are in `image_scores`.
"""

from __future__ import annotations

from torch import Tensor
from torchmetrics.classification import BinaryStatScores

__all__ = ["MaskScores", "scores_of"]


class MaskScores:
    """Counts true and false positives and negatives, batch by batch."""

    def __init__(self) -> None:
        """Start from zero."""
        self._counts = BinaryStatScores(threshold=0.5, validate_args=False)

    def update(self, predictions: Tensor, masks: Tensor, ignore: Tensor | None = None) -> None:
        """Count one batch: boolean predictions against masks of 0 and 1, same shape and device, but ignored pixels."""
        if ignore is not None:
            predictions, masks = predictions[~ignore], masks[~ignore]
        self._counts.to(predictions.device).update(predictions.int().flatten(), masks.int().flatten())

    def compute(self) -> dict[str, float]:
        """Return foreground_iou, mean_iou, dice, precision and recall, 0–1, of what all ranks counted."""
        tp, fp, tn, fn, _ = (float(count) for count in self._counts.compute())
        return scores_of(tp, fp, tn, fn)


def scores_of(tp: float, fp: float, tn: float, fn: float) -> dict[str, float]:
    """Turn pixel counts into scores; a ratio of nothing to nothing is 1."""
    foreground, background = _ratio(tp, tp + fp + fn), _ratio(tn, tn + fp + fn)
    return {
        "foreground_iou": foreground,
        "mean_iou": (foreground + background) / 2,
        "dice": _ratio(2 * tp, 2 * tp + fp + fn),
        "precision": _ratio(tp, tp + fp) if tp + fp or not fn else 0.0,
        "recall": _ratio(tp, tp + fn),
    }


def _ratio(part: float, whole: float) -> float:
    return part / whole if whole else 1.0
