"""Ranges: the distributions of a recipe, each a pydantic model with a `draw`."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from itertools import accumulate
from typing import Any

import numpy as np
from pydantic import Field, GetCoreSchemaHandler, field_validator, model_validator
from pydantic_core import CoreSchema, core_schema

from synthgen.core.config import Model

__all__ = ["LARGEST", "CountRange", "FloatRange", "Mixture", "RatioRange", "Stratum", "Within", "between"]


LARGEST = 1e6  # of any magnitude: beyond what pixels, metres and degrees reach, and far from overflow
ROUNDING = 1e-6  # by which weights may miss 1: thirds written with seven digits do


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


class Stratum(FloatRange):
    """One range of a `Mixture`.

    Attributes:
        weight: Share of the draws that come from it, 0–1; None in all strata: each equally often.
    """

    weight: float | None = Field(default=None, ge=0, le=1)


class Mixture(FloatRange):
    """Uniform over [min, max], or over one of several strata.

    Attributes:
        strata: Ranges that come equally often, or as often as their weights say, instead of min and max. Weights
            are given for all of them or for none, and add up to 1.
    """

    strata: tuple[Stratum, ...] = ()

    @field_validator("strata")
    @classmethod
    def _weighed(cls, strata: tuple[Stratum, ...]) -> tuple[Stratum, ...]:
        weights = [stratum.weight for stratum in strata if stratum.weight is not None]
        if weights and len(weights) < len(strata):
            raise ValueError(f"{len(weights)} of {len(strata)} strata have a weight; give all of them one, or none")
        if weights and abs(sum(weights) - 1) > ROUNDING:
            raise ValueError(f"the weights add up to {sum(weights):g}; change them so that they add up to 1")
        return strata

    def draw(self, rng: np.random.Generator) -> float:
        """Draw one number, from one of the strata if there are any."""
        return self.strata[self._draw_stratum(rng)].draw(rng) if self.strata else super().draw(rng)

    def _draw_stratum(self, rng: np.random.Generator) -> int:
        if self.strata[0].weight is None:
            return int(rng.integers(len(self.strata)))
        upper = list(accumulate(stratum.weight or 0.0 for stratum in self.strata))
        return bisect_right(upper, rng.random() * upper[-1])


class RatioRange(FloatRange):
    """Log-uniform over [min, max], both above 0: of 0.5–2, as often below 1 as above."""

    min: float = Field(gt=0)
    max: float = Field(gt=0)

    def draw(self, rng: np.random.Generator) -> float:
        """Draw one number."""
        return float(np.exp(rng.uniform(np.log(self.min), np.log(self.max))))


@dataclass(frozen=True, slots=True)
class Within:
    """That a range lies within low … high, for `Annotated`.

    Attributes:
        low: Least `min`.
        high: Greatest `max`.
        above: Whether `low` itself is excluded.
    """

    low: float
    high: float
    above: bool = False

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        """Check a range once it is one."""
        return core_schema.no_info_after_validator_function(self._checked, handler(source))

    def _checked(self, values: FloatRange) -> FloatRange:
        if values.min < self.low or values.max > self.high or (self.above and values.min == self.low):
            excluded = f", {self.low} excluded" if self.above else ""
            raise ValueError(f"{values.min}–{values.max} is not within {self.low}–{self.high}{excluded}")
        return values


def between(low: float, high: float, *, above: bool = False) -> Within:
    """Return the check that a range lies within low … high, or with `above` beyond low, for `Annotated`."""
    return Within(low, high, above)


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
