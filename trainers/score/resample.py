"""Percentile bootstrap over images (Efron and Tibshirani 1993): pixels of one image are no independent observations."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

__all__ = ["percentile_intervals"]

RESAMPLES, CONFIDENCE = 1000, 0.95


def percentile_intervals(
    counts: np.ndarray, scores_of: Callable[[np.ndarray], dict[str, float]]
) -> dict[str, tuple[float, float]]:
    """Return 95 % intervals of scores that are functions of counts summed over images (images, counts).

    The same counts give the same intervals.
    """
    rng = np.random.default_rng(0)
    weights = rng.multinomial(len(counts), np.full(len(counts), 1 / len(counts)), size=RESAMPLES)
    drawn = [scores_of(totals) for totals in weights @ counts]
    tail = (1 - CONFIDENCE) / 2
    found = {}
    for name in drawn[0]:
        low, high = np.quantile([scores[name] for scores in drawn], [tail, 1 - tail])
        found[name] = (float(low), float(high))
    return found
