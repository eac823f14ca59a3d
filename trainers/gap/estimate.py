"""A number with its interval, and the resamples from which the interval follows."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from jaxtyping import Float64

from trainers.score.resample import interval, resampled

__all__ = ["Estimate", "redrawn"]


@dataclass(frozen=True, slots=True, eq=False)
class Estimate:
    """A number and its 95 % interval, which holds the middle of the resamples.

    Attributes:
        value: The number.
        low: End of the interval.
        high: Likewise.
        draws: The number of each resample.
    """

    value: float
    low: float
    high: float
    draws: Float64[np.ndarray, " resamples"] = field(repr=False)

    @classmethod
    def of(cls, value: float, draws: Float64[np.ndarray, " resamples"]) -> Estimate:
        """Take the interval from the percentiles of `draws` (Efron and Tibshirani 1993)."""
        return cls(float(value), *interval(draws), draws)

    def minus(self, other: Estimate) -> Estimate:
        """Return the difference, resample by resample: what both were resampled of together cancels out."""
        return Estimate.of(self.value - other.value, self.draws - other.draws)


def redrawn(units: int, side: int) -> Float64[np.ndarray, "resamples units"]:
    """Return how often each of `units` counts in each resample; `side` 0 and 1 are drawn independently."""
    return np.stack(list(resampled(units, seed=side))).astype(np.float64)
