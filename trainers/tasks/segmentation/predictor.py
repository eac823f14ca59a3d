"""A trained segmenter as a predictor of pixels."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float32, UInt8

from trainers.tasks.sigmoid import SigmoidPredictor

__all__ = ["Segmenter"]


@dataclass(frozen=True, slots=True, eq=False)
class Segmenter(SigmoidPredictor):
    """A `trainers.predict.protocols.PixelPredictor`."""

    def probabilities(self, images: UInt8[np.ndarray, "b h w 3"]) -> Float32[np.ndarray, "b 1 h w"]:
        """Return the probability of foreground, 0–1, for every pixel."""
        return self.sigmoid(images)
