"""What every harmoniser has: a strength between 0 (nothing) and 1 (all the way)."""

from __future__ import annotations

from typing import Annotated

import numpy as np

from synthgen.core.config import Model
from synthgen.core.ranges import FloatRange, between

__all__ = ["StrengthRecipe"]


class StrengthRecipe(Model):
    """Base of the harmonisers' recipes.

    Attributes:
        strength: How far: 0 changes nothing, 1 goes all the way.
    """

    strength: Annotated[FloatRange, between(0, 1)] = FloatRange(min=0.2, max=0.6)

    def draw_strength(self, rng: np.random.Generator) -> float:
        """Draw one strength."""
        return round(self.strength.draw(rng), 4)
