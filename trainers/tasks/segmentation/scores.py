"""Scores of masks, pooled over all pixels of a set.

`mean_iou` is the mean of the foreground's and the background's IoU (Keras `BinaryIoU` with both
classes): an empty prediction scores about one half on it, which is why `foreground_iou` and the
empty predictor's row stand beside it.
"""

from __future__ import annotations

from collections.abc import Sequence

from torch import Tensor
from torchmetrics.classification import MulticlassConfusionMatrix

from trainers.tasks.segmentation.confusion import confusion_scores

__all__ = ["MaskScores"]


class MaskScores:
    """Counts pixels by true and found class, batch by batch."""

    def __init__(self, names: Sequence[str] = ()) -> None:
        """Start from zero.

        Args:
            names: Of the classes; none where all targets are one.
        """
        self._names = tuple(names)
        self._counts = MulticlassConfusionMatrix(num_classes=1 + max(1, len(self._names)), validate_args=False)

    def update(self, predictions: Tensor, masks: Tensor, ignore: Tensor | None = None) -> None:
        """Count one batch but ignored pixels: numbers of classes, 0 for none, against true ones of the same shape."""
        if ignore is not None:
            predictions, masks = predictions[~ignore], masks[~ignore]
        self._counts.to(predictions.device).update(predictions.int().flatten(), masks.int().flatten())

    def compute(self) -> dict[str, float]:
        """Return the scores of `trainers.tasks.segmentation.confusion.confusion_scores` of what all ranks counted."""
        return confusion_scores(self._counts.compute().cpu().numpy(), self._names)
