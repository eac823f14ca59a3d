"""Weights of a recipe's options, moved towards those that a model fails on, within bounds."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from jaxtyping import Float64

__all__ = ["moved_towards", "within_bounds"]


LEAST_ERROR = 1e-3  # what is smaller counts as so much, so that no option is given up for good


def moved_towards(
    weights: Sequence[float], errors: Sequence[float | None], *, gain: float, bounds: tuple[float, float]
) -> tuple[float, ...]:
    """Return weights that add up to 1, each multiplied by (its error / the mean error) to the power `gain`.

    Args:
        weights: Of each option, above 0; they add up to 1.
        errors: Of each option, from 0; None where it is not known, which counts as the mean.
        gain: 0 leaves the weights alone; 1 makes them as much larger as the error is.
        bounds: Least and greatest weight of an option.
    """
    before = np.array(weights, np.float64)
    known = np.array([error is not None for error in errors])
    found = np.array([error or 0.0 for error in errors])
    mean = float(np.average(found[known], weights=before[known])) if known.any() else 0.0
    if mean == 0:
        return tuple(before.tolist())
    factors = np.where(known, np.maximum(found, LEAST_ERROR) / max(mean, LEAST_ERROR), 1.0) ** gain
    after = before * factors
    return tuple(within_bounds(after / after.sum(), bounds).tolist())


def within_bounds(weights: Float64[np.ndarray, " n"], bounds: tuple[float, float]) -> Float64[np.ndarray, " n"]:
    """Return weights that add up to 1 and lie within bounds, those that are free in their old proportion.

    Args:
        weights: Not negative; they add up to 1.
        bounds: n times the least is at most 1, n times the greatest at least 1.
    """
    low, high = bounds
    # The sum of what is clipped grows with the factor, so halving finds the one that gives 1.
    least, most = 0.0, (len(weights) + 1) * high / max(weights[weights > 0].min(), 1e-12)
    for _ in range(200):
        factor = (least + most) / 2
        if np.clip(weights * factor, low, high).sum() < 1:
            least = factor
        else:
            most = factor
    found: np.ndarray = np.clip(weights * most, low, high)
    adjusted: np.ndarray = found / found.sum()
    return adjusted
