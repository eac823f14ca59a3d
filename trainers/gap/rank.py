"""Whether one number of each arm of an experiment predicts another: rank correlation with an interval and a p-value."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import permutations

import numpy as np
from jaxtyping import Float64

from synthgen.core.errors import ConfigError
from trainers.gap.estimate import Estimate
from trainers.score.resample import RESAMPLES

__all__ = ["LEAST_ARMS", "RankCorrelation", "rank_correlation"]

LEAST_ARMS = 4
"""With fewer, no order is rarer than one in six."""

MOST_EXACT = 8  # arms whose orders are all tried: 40,320
ORDERS = 20_000  # tried of more arms

Numbers = Float64[np.ndarray, "... arms"]


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
    value = float(_spearman(pairs[0], pairs[1]))
    if np.isnan(value):
        raise ConfigError("all arms have the same gap or the same score, so there is no order; vary the arms")
    drawn = np.random.default_rng(0).integers(len(gaps), size=(RESAMPLES, len(gaps)))
    found = _spearman(pairs[0, drawn], pairs[1, drawn])
    interval = Estimate.of(value, found[~np.isnan(found)])
    return RankCorrelation(value, interval.low, interval.high, _share_as_far(pairs, value))


def _spearman(gaps: Numbers, scores: Numbers) -> Float64[np.ndarray, ...]:
    """Return Pearson's correlation of the ranks along the last axis; NaN where there is none."""
    ours, theirs = _centred(_ranks(gaps)), _centred(_ranks(scores))
    scale = np.sqrt((ours**2).sum(axis=-1) * (theirs**2).sum(axis=-1))
    found: np.ndarray = np.divide((ours * theirs).sum(axis=-1), scale, out=np.full_like(scale, np.nan), where=scale > 0)
    return found


def _share_as_far(pairs: Float64[np.ndarray, "2 arms"], value: float) -> float:
    arms = pairs.shape[1]
    if arms <= MOST_EXACT:
        orders = np.array(list(permutations(range(arms))))
    else:
        orders = np.argsort(np.random.default_rng(0).random((ORDERS, arms)), axis=1)
        orders[0] = np.arange(arms)  # the order seen is one of them, so p is never 0
    ours, theirs = _centred(_ranks(pairs[0])), _centred(_ranks(pairs[1]))
    found = theirs[orders] @ ours / np.sqrt((ours @ ours) * (theirs @ theirs))
    return float(np.mean(np.abs(found) >= abs(value) - 1e-9))


def _ranks(values: Numbers) -> Numbers:
    """Return ranks from 1 along the last axis; equal values share their mean rank."""
    ones, others = values[..., :, None], values[..., None, :]
    ranks: np.ndarray = (others < ones).sum(axis=-1) + ((others == ones).sum(axis=-1) + 1) / 2
    return ranks


def _centred(ranks: Numbers) -> Numbers:
    centred: np.ndarray = ranks - ranks.mean(axis=-1, keepdims=True)
    return centred
