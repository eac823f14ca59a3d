"""What every camera effect is: a frozen dataclass of drawn numbers, and a recipe that draws it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import ClassVar, Literal

import numpy as np
from jaxtyping import Float32
from pydantic import Field

from synthgen.core.config import Model
from synthgen.core.types import RGB, Size

__all__ = ["Effect", "EffectRecipe", "Geometric", "Grid", "Photometric"]

Grid = Float32[np.ndarray, "_h _w"]


class Photometric(ABC):
    """Changes colours; moves nothing.

    `moves` tells the two kinds of effect apart: `isinstance` takes five times as long on an abstract class.
    """

    __slots__ = ()
    moves: ClassVar[Literal[False]] = False

    @abstractmethod
    def apply(self, image: RGB) -> RGB:
        """Return the picture as it is after the effect; same shape, the input left alone."""


class Geometric(ABC):
    """Moves image and masks by one map."""

    __slots__ = ()
    moves: ClassVar[Literal[True]] = True

    @abstractmethod
    def source(self, x: Grid, y: Grid, size: Size) -> tuple[Grid, Grid]:
        """Return where the points (x, y) of the new picture lie in the old one of `size`, pixels.

        Points within the frame come from within the frame; beyond it the map goes on without folding.
        """


Effect = Photometric | Geometric


class EffectRecipe(Model):
    """Base of the effects' recipes.

    Attributes:
        probability: Share of scenes that have the effect.
    """

    probability: float = Field(default=1.0, ge=0, le=1)

    @abstractmethod
    def draw(self, rng: np.random.Generator) -> Effect:
        """Draw the effect's numbers."""
