"""What every camera effect is: a frozen dataclass of drawn numbers, and a recipe that draws it."""

from __future__ import annotations

from abc import abstractmethod

import numpy as np
from jaxtyping import Float32
from pydantic import Field

from synthgen.core.config import Model
from synthgen.core.types import RGB, Size

__all__ = ["Effect", "EffectRecipe", "Geometric", "Grid", "Photometric"]

Grid = Float32[np.ndarray, "_h _w"]


class Photometric:
    """Changes colours; moves nothing. Effects derive from it, which is told much sooner than a protocol's methods."""

    __slots__ = ()

    @abstractmethod
    def apply(self, image: RGB) -> RGB:
        """Return the picture as it is after the effect; same shape, the input left alone."""


class Geometric:
    """Moves image and masks by one map."""

    __slots__ = ()

    @abstractmethod
    def source(self, x: Grid, y: Grid, size: Size) -> tuple[Grid, Grid]:
        """Return where the points (x, y) of the new picture lie in the old one of `size`, pixels.

        Points within the frame come from within the frame; beyond it the map goes on without folding.
        """


Effect = Photometric | Geometric


class EffectRecipe(Model):
    """Base of the effects' recipes.

    Attributes:
        probability: Share of scenes that have the effect, 0–1.
    """

    probability: float = Field(default=1.0, ge=0, le=1)

    @abstractmethod
    def draw(self, rng: np.random.Generator) -> Effect:
        """Draw the effect's numbers."""
