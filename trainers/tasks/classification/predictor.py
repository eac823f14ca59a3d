"""A trained classifier as a predictor of labels, and as a graph to export."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Float32, UInt8
from torch import Tensor, nn

from trainers.models.pixels import prepared
from trainers.tasks.trained_predictor import TrainedPredictor

__all__ = ["ClassificationGraph", "Classifies"]


@dataclass(frozen=True, slots=True, eq=False)
class Classifies(TrainedPredictor):
    """A `trainers.predict.protocols.LabelPredictor`."""

    def labels(self, images: UInt8[np.ndarray, "b h w 3"]) -> Float32[np.ndarray, "b 1"]:
        """Return the probability, 0–1, that a picture shows a target."""
        found: np.ndarray = torch.sigmoid(self.model.outputs(images).float()).cpu().numpy()
        return found


class ClassificationGraph(nn.Module):
    """RGB uint8 (b, h, w, 3) → probabilities (b, 1), preparation within."""

    def __init__(self, network: nn.Module) -> None:
        """Wrap a network of logits."""
        super().__init__()
        self.network = network

    def forward(self, images: Tensor) -> Tensor:
        """Return probabilities."""
        return torch.sigmoid(self.network(prepared(images.permute(0, 3, 1, 2).float() / 255)))
