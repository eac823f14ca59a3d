"""Percentile bootstrap over images (Efron and Tibshirani 1993): pixels of one image are no independent observations.

Neither are images of one source, so that groups of images can be drawn instead, each whole or not at all.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Sequence
from typing import Literal

import numpy as np
from jaxtyping import Float64, Int

__all__ = ["RESAMPLES", "interval", "intervals_of", "resampled", "resampled_groups", "resampled_pictures"]

RESAMPLES, CONFIDENCE = 1000, 0.95
AT_A_TIME = 2**21  # weights in memory, 16 MiB


def intervals_of(drawn: Iterable[dict[str, float]]) -> dict[str, tuple[float, float]]:
    """Return the 95 % interval of each score over the resamples; scores that are NaN in any have none."""
    resamples = list(drawn)
    columns = {name: np.array([scores[name] for scores in resamples]) for name in resamples[0]}
    return {name: interval(values) for name, values in columns.items() if not np.isnan(values).any()}


def interval(values: Float64[np.ndarray, " resamples"]) -> tuple[float, float]:
    """Return the ends between which 95 % of the values lie; they may be infinite."""
    tail = (1 - CONFIDENCE) / 2
    method: Literal["linear", "inverted_cdf"] = (
        "linear" if np.isfinite(values).all() else "inverted_cdf"
    )  # between infinities lies no value
    low, high = np.quantile(values, [tail, 1 - tail], method=method)
    return float(low), float(high)


def resampled(images: int, seed: int = 0) -> Iterator[Int[np.ndarray, " images"]]:
    """Yield how often each image counts in each resample. The draws come in order, so parts of them are the same.

    Sets of images that are no sets of one another are resampled with seeds of their own.
    """
    rng = np.random.default_rng(seed)
    equal = np.full(images, 1 / images)
    part = max(1, AT_A_TIME // images)
    for first in range(0, RESAMPLES, part):
        yield from rng.multinomial(images, equal, size=min(part, RESAMPLES - first))


def resampled_groups(groups: Sequence[Hashable]) -> Iterator[Int[np.ndarray, " images"]]:
    """Yield how often each image counts where groups of images are drawn (Davison and Hinkley 1997, section 3.8).

    Where each image is a group of its own, these are the draws of `resampled`.

    Args:
        groups: Of each image.
    """
    places: dict[Hashable, int] = {}
    member = np.array([places.setdefault(group, len(places)) for group in groups], np.intp)
    return (weights[member] for weights in resampled(len(places)))


def resampled_pictures(groups: Sequence[str]) -> Iterator[Int[np.ndarray, " images"]]:
    """Yield the draws of `resampled_groups`, where an image whose group is "" is one of its own.

    Where all images are of one group, they are drawn themselves: that tells of this one group alone.
    """
    named = [group or number for number, group in enumerate(groups)]
    return resampled_groups(named if len(set(named)) > 1 else range(len(named)))
