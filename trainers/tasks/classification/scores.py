"""Scores of labels on a validation split, of all ranks together."""

from __future__ import annotations

from torch import Tensor
from torchmetrics.classification import BinaryStatScores

__all__ = ["LabelScores"]


class LabelScores:
    """Counts right and wrong labels, batch by batch."""

    def __init__(self) -> None:
        """Start from zero."""
        self._counts = BinaryStatScores(threshold=0.5, validate_args=False)

    def update(self, predictions: Tensor, labels: Tensor) -> None:
        """Count booleans of one shape and device."""
        self._counts.to(predictions.device).update(predictions.int().flatten(), labels.int().flatten())

    def compute(self) -> dict[str, float]:
        """Return accuracy, and balanced_accuracy, the mean of both classes' own; a class without pictures counts as 1.

        Guessing always the same scores one half on the latter, however rare a class is.
        """
        tp, fp, tn, fn, _ = (float(count) for count in self._counts.compute())
        return {
            "accuracy": _share(tp + tn, fp + fn),
            "balanced_accuracy": (_share(tp, fn) + _share(tn, fp)) / 2,
        }


def _share(right: float, wrong: float) -> float:
    return right / (right + wrong) if right + wrong else 1.0
