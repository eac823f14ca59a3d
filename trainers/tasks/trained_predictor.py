"""What predictors of trained networks have in common: the model's name and size, and outputs made probabilities."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Float32, UInt8

from synthgen.core.types import Size
from trainers.config.operating_point import OperatingPoint
from trainers.task import Trained

__all__ = ["SigmoidPredictor"]


@dataclass(frozen=True, slots=True, eq=False)
class SigmoidPredictor:
    """Base of a task's predictor, which adds what it gives.

    Attributes:
        model: What was trained; its outputs are logits.
    """

    model: Trained

    @property
    def title(self) -> str:
        """Name in tables."""
        return self.model.title

    @property
    def size(self) -> Size:
        """(height, width) of the pictures it takes."""
        return self.model.size

    @property
    def operating_point(self) -> OperatingPoint:
        """How its probabilities become decisions."""
        return self.model.operating_point

    def sigmoid(self, images: UInt8[np.ndarray, "b h w 3"]) -> Float32[np.ndarray, "b ..."]:
        """Return the model's outputs as probabilities, 0–1."""
        found: np.ndarray = torch.sigmoid(self.model.outputs(images).float()).cpu().numpy()
        return found
