"""Percentile bootstrap over images (Efron and Tibshirani 1993): pixels of one image are no independent observations."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from jaxtyping import Float64

__all__ = ["percentile_intervals"]

RESAMPLES, CONFIDENCE = 1000, 0.95
AT_A_TIME = 2**21  # weights in memory, 16 MiB


def percentile_intervals(
    counts: Float64[np.ndarray, "images counts"], scores_of: Callable[[np.ndarray], dict[str, float]]
) -> dict[str, tuple[float, float]]:
    """Return 95 % intervals of scores that are functions of counts summed over images.

    The same counts give the same intervals. Memory does not grow with the number of images.
    """
    drawn = [scores_of(totals) for totals in _resampled(counts)]
    tail = (1 - CONFIDENCE) / 2
    found = {}
    for name in drawn[0]:
        low, high = np.quantile([scores[name] for scores in drawn], [tail, 1 - tail])
        found[name] = (float(low), float(high))
    return found


def _resampled(counts: Float64[np.ndarray, "images counts"]) -> Float64[np.ndarray, "resamples counts"]:
    """Return the totals of each resample. The draws come one after the other, so parts of them are the same draws."""
    rng = np.random.default_rng(0)
    images = len(counts)
    equal = np.full(images, 1 / images)
    part = max(1, AT_A_TIME // images)
    sizes = [min(part, RESAMPLES - first) for first in range(0, RESAMPLES, part)]
    return np.concatenate([rng.multinomial(images, equal, size=size) @ counts for size in sizes])
