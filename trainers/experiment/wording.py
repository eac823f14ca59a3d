"""Estimates, differences and numbers of pictures as they stand in tables."""

from __future__ import annotations

import math
from collections.abc import Sequence

from trainers.score.compare import Difference, Estimate
from trainers.score.worth import Worth

__all__ = ["difference_text", "estimate_text", "is_decided", "worth_interval_text", "worth_text"]

NONE = "–"


def estimate_text(estimate: Estimate) -> str:
    """Write a mean with its interval, such as "0.512 (0.430–0.591)"."""
    if math.isnan(estimate.value):
        return NONE
    ends = "" if math.isnan(estimate.low) else f" ({estimate.low:.3f}–{estimate.high:.3f})"
    return f"{estimate.value:.3f}{ends}"


def difference_text(difference: Difference) -> str:
    """Write a difference with its interval and p value, such as "+0.083 (+0.021 to +0.144), p .012"."""
    if math.isnan(difference.value):
        return NONE
    if math.isnan(difference.low):
        return _signed(difference.value)
    ends = f"{_signed(difference.low)} to {_signed(difference.high)}"
    return f"{_signed(difference.value)} ({ends}), p {_share(difference.p)}"


def is_decided(difference: Difference) -> bool:
    """Tell whether the interval leaves 0 out."""
    return difference.low > 0 or difference.high < 0


def worth_text(count: float, counts: Sequence[int]) -> str:
    """Write a number of photographs; what lies beyond the numbers that were tried is said to.

    Args:
        count: The number, perhaps infinite.
        counts: The numbers that were tried, rising.
    """
    if math.isnan(count):
        return NONE
    if math.isinf(count):
        return f"more than {counts[-1]:,}" if count > 0 else f"fewer than {counts[0]:,}"
    return f"{count:,.0f}"


def worth_interval_text(worth: Worth, counts: Sequence[int]) -> str:
    """Write the ends of its interval, once where both lie beyond the same number."""
    low, high = worth_text(worth.low, counts), worth_text(worth.high, counts)
    return low if low == high else f"{low} to {high}"


def _signed(value: float) -> str:
    return f"{value:+.3f}".replace("-", "−").replace("+0.000", "0.000").replace("−0.000", "0.000")


def _share(p: float) -> str:
    return "1" if p >= 0.9995 else f"{p:.3f}".removeprefix("0")
