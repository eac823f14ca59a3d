"""A trained segmenter as a predictor of pixels."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Float32, UInt8

from synthgen.core.types import Size
from trainers.task import Trained

__all__ = ["Segmenter"]


@dataclass(frozen=True, slots=True, eq=False)
class Segmenter:
    """A `trainers.predict.protocols.PixelPredictor`.

    Attributes:
        model: What was trained.
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

    def probabilities(self, images: UInt8[np.ndarray, "b h w 3"]) -> Float32[np.ndarray, "b 1 h w"]:
        """Return the probability of foreground, 0–1, for every pixel."""
        found: np.ndarray = torch.sigmoid(self.model.outputs(images).float()).cpu().numpy()
        return found
