"""What every harmoniser has: a strength between 0 (nothing) and 1 (all the way)."""

from __future__ import annotations

import numpy as np
from pydantic import field_validator

from synthgen.core.ranges import FloatRange, Model

__all__ = ["StrengthRecipe"]


class StrengthRecipe(Model):
    """Base of the harmonisers' recipes.

    Attributes:
        strength: 0–1.
    """

    strength: FloatRange = FloatRange(min=0.2, max=0.6)

    @field_validator("strength")
    @classmethod
    def _share(cls, strength: FloatRange) -> FloatRange:
        if strength.min < 0 or strength.max > 1:
            raise ValueError(f"{strength.min}–{strength.max} is not within 0–1")
        return strength

    def draw_strength(self, rng: np.random.Generator) -> float:
        """Draw one strength."""
        return round(self.strength.draw(rng), 4)
