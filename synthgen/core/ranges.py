"""Ranges: the distributions of a recipe, each a pydantic model with a `draw`."""

from __future__ import annotations

import numpy as np
from pydantic import AfterValidator, Field, model_validator

from synthgen.core.config import Model

__all__ = ["LARGEST", "CountRange", "FloatRange", "between"]


LARGEST = 1e6  # of any magnitude: beyond what pixels, metres and degrees reach, and far from overflow


class FloatRange(Model):
    """Uniform over [min, max], both within ±1,000,000."""

    min: float
    max: float

    @model_validator(mode="after")
    def _ordered(self) -> FloatRange:
        for name, value in (("min", self.min), ("max", self.max)):
            if abs(value) > LARGEST:
                raise ValueError(f"{name} {value:g} is not within ±{LARGEST:,.0f}; give a smaller number")
        if self.min > self.max:
            raise ValueError(f"min {self.min} is above max {self.max}; swap them")
        return self

    def draw(self, rng: np.random.Generator) -> float:
        """Draw one number."""
        return float(rng.uniform(self.min, self.max))

    def draw_logarithm(self, rng: np.random.Generator) -> float:
        """Draw one number whose logarithm is uniform: of 0.5–2, as often below 1 as above; min is above 0."""
        return float(np.exp(rng.uniform(np.log(self.min), np.log(self.max))))


def between(low: float, high: float, *, above: bool = False) -> AfterValidator:
    """Return the check that a range lies within low … high, or with `above` beyond low, for `Annotated`."""

    def check(values: FloatRange) -> FloatRange:
        if values.min < low or values.max > high or (above and values.min == low):
            raise ValueError(
                f"{values.min}–{values.max} is not within {low}–{high}{f', {low} excluded' if above else ''}"
            )
        return values

    return AfterValidator(check)


class CountRange(Model):
    """Uniform over the integers min … max, both included."""

    min: int = Field(ge=0, le=255)
    max: int = Field(ge=0, le=255)

    @model_validator(mode="after")
    def _ordered(self) -> CountRange:
        if self.min > self.max:
            raise ValueError(f"min {self.min} is above max {self.max}; swap them")
        return self

    def draw(self, rng: np.random.Generator) -> int:
        """Draw one integer."""
        return int(rng.integers(self.min, self.max + 1))
