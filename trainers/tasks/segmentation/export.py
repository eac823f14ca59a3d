"""The graph of a segmenter that is exported: what it takes is what a picture file holds."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from trainers.models.pixels import prepared

__all__ = ["SegmentationGraph"]


class SegmentationGraph(nn.Module):
    """RGB uint8 (b, h, w, 3) → probabilities (b, 1, h, w), preparation within."""

    def __init__(self, network: nn.Module) -> None:
        """Wrap a network of logits."""
        super().__init__()
        self.network = network

    def forward(self, images: Tensor) -> Tensor:
        """Return probabilities."""
        return torch.sigmoid(self.network(prepared(images.permute(0, 3, 1, 2).float() / 255)))
