"""Whether one number of each arm of an experiment predicts another: rank correlation with an interval and a p-value."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import permutations

import numpy as np
from jaxtyping import Float64

from synthgen.core.errors import ConfigError
from trainers.gap.estimate import Estimate
from trainers.score.resample import resampled

__all__ = ["RankCorrelation", "rank_correlation"]

LEAST_ARMS = 4  # with fewer, no order is rarer than one in six
MOST_EXACT = 8  # arms whose orders are all tried: 40,320
ORDERS = 20_000  # tried of more arms


@dataclass(frozen=True, slots=True)
class RankCorrelation:
    """How far two numbers put the arms in one order.

    Attributes:
        value: Spearman's ρ, −1–1: 1 for one order, −1 for opposite orders.
        low: End of its 95 % interval.
        high: Likewise.
        p: Share of all orders of the arms whose ρ is as far from 0.
    """

    value: float
    low: float
    high: float
    p: float


def rank_correlation(gaps: Sequence[float], scores: Sequence[float]) -> RankCorrelation:
    """Return Spearman's rank correlation of two numbers of each arm; equal numbers share their mean rank.

    The interval resamples the arms; resamples in which either number is the same everywhere are left out. With fewer
    than about ten arms it is rough, so look at p: up to eight arms all orders are tried, of more 20,000 random ones
    (Good 2005, Permutation, Parametric and Bootstrap Tests of Hypotheses).

    Raises:
        ConfigError: There are fewer than four arms, as many gaps as scores are not given, or one of the two is the same
            for all arms.
    """
    if len(gaps) != len(scores) or len(gaps) < LEAST_ARMS:
        raise ConfigError(
            f"{len(gaps)} gaps and {len(scores)} scores; a rank correlation needs both of at least {LEAST_ARMS} arms"
        )
    pairs = np.array([gaps, scores], np.float64)
    value = _spearman(pairs)
    if np.isnan(value):
        raise ConfigError("all arms have the same gap or the same score, so there is no order; vary the arms")
    drawn = [_spearman(np.repeat(pairs, counts, axis=1)) for counts in resampled(len(gaps))]
    interval = Estimate.of(value, np.array([each for each in drawn if not np.isnan(each)]))
    return RankCorrelation(value, interval.low, interval.high, _share_as_far(pairs, value))


def _spearman(pairs: Float64[np.ndarray, "2 arms"]) -> float:
    """Return Pearson's correlation of the ranks; NaN where there is none."""
    ours, theirs = (_centred(_ranks(values)) for values in pairs)
    scale = np.sqrt((ours @ ours) * (theirs @ theirs))
    return float(ours @ theirs / scale) if scale > 0 else float("nan")


def _share_as_far(pairs: Float64[np.ndarray, "2 arms"], value: float) -> float:
    ours, theirs = (_centred(_ranks(values)) for values in pairs)
    arms = len(ours)
    if arms <= MOST_EXACT:
        orders = np.array(list(permutations(range(arms))))
    else:
        orders = np.argsort(np.random.default_rng(0).random((ORDERS, arms)), axis=1)
        orders[0] = np.arange(arms)  # the order seen is one of them, so p is never 0
    found = theirs[orders] @ ours / np.sqrt((ours @ ours) * (theirs @ theirs))
    return float(np.mean(np.abs(found) >= abs(value) - 1e-9))


def _ranks(values: Float64[np.ndarray, " arms"]) -> Float64[np.ndarray, " arms"]:
    """Return ranks from 1; equal values share their mean rank."""
    _, places, counts = np.unique(values, return_inverse=True, return_counts=True)
    ranks: np.ndarray = (np.cumsum(counts) - (counts - 1) / 2)[places]
    return ranks


def _centred(ranks: Float64[np.ndarray, " arms"]) -> Float64[np.ndarray, " arms"]:
    centred: np.ndarray = ranks - ranks.mean()
    return centred
