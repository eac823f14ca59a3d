"""Arms of an experiment compared: means over seeds, paired differences, their intervals and p values.

Two things vary from run to run: which photographs were scored, and the seed of data and training. Each resample draws
both anew (Davison and Hinkley 1997, section 3.8): photographs by group, and seeds. Where two arms are compared, both
are given the same photographs and the same seeds, so that what both find hard cancels out.

With few seeds the interval is somewhat narrow: n seeds drawn from themselves vary by (n − 1) / n of their variance.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
from jaxtyping import Float64, Int

from trainers.score.resample import interval, resampled, resampled_groups
from trainers.score.result import Row
from trainers.score.scorer import Scorer

__all__ = ["Difference", "Drawn", "Estimate", "Sampled", "difference_of", "drawn_scores", "estimate_of"]

SEEDS = 1  # the seed with which seeds are drawn; photographs are drawn with 0


@dataclass(frozen=True, slots=True, eq=False)
class Drawn:
    """The scores of one run, by name.

    Attributes:
        values: On the photographs as they are.
        resamples: On each resample of them.
    """

    values: Mapping[str, float]
    resamples: Mapping[str, Float64[np.ndarray, " resamples"]]


@dataclass(frozen=True, slots=True, eq=False)
class Sampled:
    """One score of the runs of an arm, one run a seed.

    Attributes:
        values: On the photographs as they are.
        resamples: On each resample of them, which is the same for all runs.
    """

    values: Float64[np.ndarray, " seeds"]
    resamples: Float64[np.ndarray, "seeds resamples"]

    @classmethod
    def of(cls, runs: Sequence[Drawn], score: str) -> Sampled:
        """Take one score out of the runs of an arm."""
        values = np.array([run.values[score] for run in runs], np.float64)
        return cls(values, np.stack([run.resamples[score] for run in runs]))

    def means(self) -> Float64[np.ndarray, " resamples"]:
        """Return the mean over seeds in each resample, which draws seeds, too."""
        mean: np.ndarray = (_seed_counts(len(self.values)) * self.resamples).sum(axis=0) / len(self.values)
        return mean


@dataclass(frozen=True, slots=True)
class Estimate:
    """A mean over seeds, and the ends of its 95 % interval; NaN where there is none."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Difference(Estimate):
    """A mean difference, its 95 % interval, and how likely one so far from 0 would be if there were none.

    Attributes:
        p: Two-sided, not corrected for the number of comparisons; NaN where there is none.
    """

    p: float


def drawn_scores(rows: Sequence[Row], groups: Sequence[Hashable], scorer: Scorer) -> Drawn:
    """Score the rows as they are, and on each resample of their groups.

    Args:
        rows: One for each photograph. Runs that are to be compared have the same ones, in the same order.
        groups: Of each row; groups are drawn, each whole or not at all.
        scorer: Of the rows' kind.
    """
    scores_of = scorer.weighted(rows)
    values = scores_of(np.ones(len(rows)))
    resamples = [scores_of(weights) for weights in resampled_groups(groups)]
    return Drawn(values, {name: np.array([scores[name] for scores in resamples], np.float64) for name in values})


def estimate_of(arm: Sampled) -> Estimate:
    """Return the mean over seeds, and its interval by resampled photographs and seeds."""
    low, high = _interval(arm.means())
    return Estimate(float(arm.values.mean()), low, high)


def difference_of(arm: Sampled, reference: Sampled) -> Difference:
    """Return how much higher the arm is than the reference, run by run; both have the same seeds in one order.

    The p value is the smallest share of outer resamples at which the interval would leave 0 out (Efron and Tibshirani
    1993, chapter 15), (1 + how many lie beyond 0) / (1 + resamples) on either side (Davison and Hinkley 1997, section
    4.2): so it is below .05 about where the interval does not hold 0.
    """
    paired = Sampled(arm.values - reference.values, arm.resamples - reference.resamples)
    means = paired.means()
    low, high = _interval(means)
    return Difference(float(paired.values.mean()), low, high, _p_value(means))


@cache
def _seed_counts(seeds: int) -> Int[np.ndarray, "seeds resamples"]:
    """Return how often each seed counts in each resample."""
    return np.stack(list(resampled(seeds, seed=SEEDS)), axis=1)


def _interval(means: Float64[np.ndarray, " resamples"]) -> tuple[float, float]:
    return (float("nan"), float("nan")) if np.isnan(means).any() else interval(means)


def _p_value(means: Float64[np.ndarray, " resamples"]) -> float:
    if np.isnan(means).any():
        return float("nan")
    beyond = min(np.count_nonzero(means <= 0), np.count_nonzero(means >= 0))
    return min(1.0, 2 * (1 + beyond) / (1 + len(means)))
