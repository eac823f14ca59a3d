"""What the predictors of all trained networks have in common: the model's name, its size and its operating point."""

from __future__ import annotations

from dataclasses import dataclass

from synthgen.core.types import Size
from trainers.config.operating_point import OperatingPoint
from trainers.task import Trained

__all__ = ["TrainedPredictor"]


@dataclass(frozen=True, slots=True, eq=False)
class TrainedPredictor:
    """Base of a task's predictor, which adds what it gives.

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
        """(height, width) of the pictures it takes, or that it fits pictures into."""
        return self.model.size

    @property
    def operating_point(self) -> OperatingPoint:
        """How what it gives becomes decisions."""
        return self.model.operating_point
