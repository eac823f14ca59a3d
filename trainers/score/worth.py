"""How many real pictures are as good as so many made ones: a curve of scores by count, read backwards."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float64, Int

from trainers.score.compare import Sampled
from trainers.score.resample import interval

__all__ = ["Worth", "rising", "worth", "worth_of"]

ALL, NONE = float("inf"), float("-inf")


@dataclass(frozen=True, slots=True)
class Worth:
    """A number of real pictures with the ends of its 95 % interval.

    Each may be infinite: +∞ is more than the most that were tried, −∞ fewer than the fewest. NaN where a score is no
    number.
    """

    value: float
    low: float
    high: float


def worth_of(counts: Int[np.ndarray, " counts"], curve: list[Sampled], arm: Sampled) -> Worth:
    """Return how many pictures of the curve reach the arm's score; the interval draws photographs and seeds anew.

    Args:
        counts: Numbers of pictures, rising, at least two.
        curve: The runs with each number of them.
        arm: The runs to be matched. All have the same seeds in one order.
    """
    means = np.stack([sampled.means() for sampled in curve], axis=1)
    drawn = [worth(counts, scores, score) for scores, score in zip(means, arm.means(), strict=True)]
    value = worth(counts, np.array([sampled.values.mean() for sampled in curve]), float(arm.values.mean()))
    if np.isnan([value, *drawn]).any():
        return Worth(value, float("nan"), float("nan"))
    return Worth(value, *interval(np.array(drawn)))


def worth(counts: Int[np.ndarray, " counts"], scores: Float64[np.ndarray, " counts"], score: float) -> float:
    """Return the smallest number of pictures at which a curve of scores reaches `score`.

    The curve never falls, and between two numbers of pictures it is linear in their logarithm. It is +∞ where the curve
    ends below `score`, −∞ where it begins above it.

    Args:
        counts: Numbers of pictures, rising.
        scores: With each of them.
        score: To be reached.
    """
    if np.isnan(scores).any() or np.isnan(score):
        return float("nan")
    curve = rising(scores)
    if score > curve[-1]:
        return ALL
    if score < curve[0]:
        return NONE
    after = int(np.searchsorted(curve, score))  # the first number with which the score is reached
    if curve[after] == score:
        return float(counts[after])
    share = (score - curve[after - 1]) / (curve[after] - curve[after - 1])
    low, high = np.log(counts[after - 1 : after + 1])
    return float(np.exp(low + share * (high - low)))


def rising(scores: Float64[np.ndarray, " n"]) -> Float64[np.ndarray, " n"]:
    """Return the nearest values, by squares, that never fall: neighbours in the wrong order share their mean.

    Pool adjacent violators (Ayer et al. 1955).
    """
    pools: list[tuple[float, int]] = []  # mean and length
    for score in scores.tolist():
        mean, length = score, 1
        while pools and pools[-1][0] > mean:
            before, count = pools.pop()
            mean, length = (before * count + mean * length) / (count + length), count + length
        pools.append((mean, length))
    return np.repeat([mean for mean, _ in pools], [length for _, length in pools])
