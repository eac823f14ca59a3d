"""A predictor of pixels as one of labels: a picture shows a target as surely as the surest part found in it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float32, UInt8

from synthgen.core.types import Size
from trainers.config.operating_point import OperatingPoint
from trainers.predict.foreground import foreground
from trainers.predict.parts import find_parts
from trainers.predict.protocols import PixelPredictor

__all__ = ["SurestPart"]


@dataclass(frozen=True, slots=True, eq=False)
class SurestPart:
    """A `trainers.predict.protocols.LabelPredictor` that asks a predictor of pixels.

    Attributes:
        model: Who is asked.
        point: By which its parts are found. Those below the least score count for the probability, not for the label.
    """

    model: PixelPredictor
    point: OperatingPoint

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
        """The point whose threshold gives label 1 where at least one part is found at `point`."""
        return self.point.model_copy(update={"threshold": self.point.least_score})

    def labels(self, images: UInt8[np.ndarray, "b h w 3"]) -> Float32[np.ndarray, "b 1"]:
        """Return the score of each picture's surest part, 0–1; 0 where there is none."""
        found = [self._surest(maps) for maps in self.model.probabilities(images)]
        return np.array(found, np.float32)[:, None]

    def _surest(self, maps: Float32[np.ndarray, "k h w"]) -> float:
        every = self.point.model_copy(update={"least_score": 0.0})
        scores = find_parts(foreground(maps)[None], every).boxes.scores
        return float(np.max(scores, initial=0.0)) if scores is not None else 0.0
