"""The graph of a segmenter that is exported: what it takes is what a picture file holds."""

from __future__ import annotations

from torch import Tensor, nn

from trainers.models.pixels import prepared_bytes
from trainers.tasks.segmentation.outputs import class_probabilities

__all__ = ["SegmentationGraph"]


class SegmentationGraph(nn.Module):
    """RGB uint8 (b, h, w, 3) → probabilities (b, classes, h, w), preparation within."""

    def __init__(self, network: nn.Module, *, softmax: bool = False) -> None:
        """Wrap a network of logits; with `softmax` classes and background exclude each other."""
        super().__init__()
        self.network, self.softmax = network, softmax

    def forward(self, images: Tensor) -> Tensor:
        """Return probabilities."""
        outputs = self.network(prepared_bytes(images))
        return class_probabilities(outputs, softmax=self.softmax)
