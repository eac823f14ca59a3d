"""Percentile bootstrap over images (Efron and Tibshirani 1993): pixels of one image are no independent observations."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

import numpy as np
from jaxtyping import Float64, Int

__all__ = ["intervals_of", "percentile_intervals", "resampled"]

RESAMPLES, CONFIDENCE = 1000, 0.95
AT_A_TIME = 2**21  # weights in memory, 16 MiB


def percentile_intervals(
    counts: Float64[np.ndarray, "images counts"], scores_of: Callable[[np.ndarray], dict[str, float]]
) -> dict[str, tuple[float, float]]:
    """Return 95 % intervals of scores that are functions of counts summed over images.

    The same counts give the same intervals. Memory does not grow with the number of images.
    """
    return intervals_of(scores_of(weights @ counts) for weights in resampled(len(counts)))


def intervals_of(drawn: Iterable[dict[str, float]]) -> dict[str, tuple[float, float]]:
    """Return the 95 % interval of each score over the resamples; scores that are NaN have none."""
    resamples = list(drawn)
    tail = (1 - CONFIDENCE) / 2
    found = {}
    for name in resamples[0]:
        values = [scores[name] for scores in resamples]
        if not np.isnan(values).any():
            low, high = np.quantile(values, [tail, 1 - tail])
            found[name] = (float(low), float(high))
    return found


def resampled(images: int, seed: int = 0) -> Iterator[Int[np.ndarray, " images"]]:
    """Yield how often each image counts in each resample. The draws come in order, so parts of them are the same.

    Sets of images that are no sets of one another are resampled with seeds of their own.
    """
    rng = np.random.default_rng(seed)
    equal = np.full(images, 1 / images)
    part = max(1, AT_A_TIME // images)
    for first in range(0, RESAMPLES, part):
        yield from rng.multinomial(images, equal, size=min(part, RESAMPLES - first))
