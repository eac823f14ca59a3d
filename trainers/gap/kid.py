"""Kernel inception distance (Bińkowski et al. 2018) over all pairs of pictures, with an interval.

KID is the squared maximum mean discrepancy (Gretton et al. 2012) of two sets of features under the kernel
k(x, y) = (x·y / d + 1)³: mean k within the one set, plus that within the other, less twice that between them. Unbiased
means that a picture is never compared with itself. Here, it is not compared with any picture of its own group either.

torchmetrics' `KernelInceptionDistance` averages this over random subsets of equal size, and its deviation is that of
the subsets. Here every pair counts once, and the interval comes from resampled groups of both sets. Where both sets are
of one size and each picture is a group, the two agree; a test holds it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from jaxtyping import Float32, Float64, Int64

from synthgen.core.errors import DatasetError
from trainers.gap.estimate import Estimate, redrawn
from trainers.score.resample import RESAMPLES

__all__ = ["LEAST_GROUPS", "Features", "floor", "kid"]

LEAST_GROUPS = 10  # of either set: with fewer, a resample may hold a single one

Sums = Float64[np.ndarray, "groups groups"]
Sizes = Float64[np.ndarray, " groups"]


@dataclass(frozen=True, eq=False)
class Features:
    """Features of pictures, and which of them are no independent observations.

    Attributes:
        values: One row for each picture.
        groups: Of each picture: those of one group show one scene, or come from one source.
    """

    values: Float32[np.ndarray, "n d"]
    groups: tuple[str, ...]

    @classmethod
    def of(cls, values: np.ndarray, groups: Sequence[str] | None = None) -> Features:
        """Take numbers (n, d); without groups, each picture is one of its own."""
        names = map(str, range(len(values))) if groups is None else groups
        return cls(np.asarray(values, np.float32), tuple(names))

    @cached_property
    def numbers(self) -> Int64[np.ndarray, " n"]:
        """Number of each picture's group, from 0 in order of appearance."""
        known = {name: number for number, name in enumerate(dict.fromkeys(self.groups))}
        return np.array([known[name] for name in self.groups], np.int64)

    @cached_property
    def sizes(self) -> Sizes:
        """Pictures of each group."""
        return np.bincount(self.numbers).astype(np.float64)


def kid(synthetic: Features, photographs: Features) -> Estimate:
    """Return the KID of two sets of features; the same features give the same number.

    Groups are drawn with replacement, on both sides (Efron and Tibshirani 1993), and no group is compared with its own
    copy: that would raise every resample. Where both sets are of one distribution, the interval is nearly twice as wide
    as need be, since a degenerate statistic is not resampled well (Arcones and Giné 1992).

    The same photographs are resampled alike each time, and so are synthetic sets of as many groups. So the difference
    of two KIDs to the same photographs (`Estimate.minus`) has the interval of a paired comparison.

    Raises:
        DatasetError: A set has fewer than `LEAST_GROUPS` groups, or the features are of different encoders.
    """
    for noun, features in (("synthetic pictures", synthetic), ("photographs", photographs)):
        _enough(features, noun, LEAST_GROUPS)
    if synthetic.values.shape[1] != photographs.values.shape[1]:
        lengths = f"{synthetic.values.shape[1]} and {photographs.values.shape[1]}"
        raise DatasetError(f"features of {lengths} numbers cannot be compared; take both from one encoder")
    within = [_others(_sums(features, features)) for features in (synthetic, photographs)]
    between = _sums(synthetic, photographs)
    sizes = synthetic.sizes, photographs.sizes

    def distance(
        ours: Float64[np.ndarray, "resamples a"], theirs: Float64[np.ndarray, "resamples b"]
    ) -> Float64[np.ndarray, " resamples"]:
        apart = _mean_within(within[0], sizes[0], ours) + _mean_within(within[1], sizes[1], theirs)
        found: np.ndarray = apart - 2 * _mean_between(between, sizes, ours, theirs)
        return found

    once = distance(*(np.ones((1, len(counts))) for counts in sizes))
    drawn = distance(*(redrawn(len(counts), side) for side, counts in enumerate(sizes)))
    return Estimate.of(float(once[0]), drawn)


def floor(photographs: Features) -> Estimate:
    """Return the KIDs of one half of the photographs' groups against the other, over many random halvings.

    Both halves are of one distribution, so the mean is about 0, and the interval is how far chance alone carries a KID
    of half as many photographs.

    Raises:
        DatasetError: There are fewer than twice `LEAST_GROUPS` groups.
    """
    _enough(photographs, "photographs", 2 * LEAST_GROUPS)
    sizes, sums = photographs.sizes, _sums(photographs, photographs)
    rng = np.random.default_rng(0)
    order = np.argsort(rng.random((RESAMPLES, len(sizes))), axis=1)
    half = (order < len(sizes) // 2).astype(np.float64)
    within = _others(sums)
    apart = _mean_within(within, sizes, half) + _mean_within(within, sizes, 1 - half)
    drawn = apart - 2 * _mean_between(sums, (sizes, sizes), half, 1 - half)
    return Estimate.of(float(drawn.mean()), drawn)


def _enough(features: Features, noun: str, least: int) -> None:
    if len(features.sizes) < least:
        raise DatasetError(f"{len(features.sizes)} {noun} of different groups; a KID with an interval needs {least}")


def _sums(ones: Features, others: Features) -> Float64[np.ndarray, "_ones _others"]:
    """Return the kernel of all pairs, summed over the pictures of each two groups."""
    left, right = ones.values.astype(np.float64), others.values.astype(np.float64)
    kernel: np.ndarray = (left @ right.T / left.shape[1] + 1) ** 3
    if len(ones.sizes) < len(left):
        kernel = _summed(kernel, ones)
    if len(others.sizes) < len(right):
        kernel = _summed(kernel.T, others).T
    return kernel


def _summed(kernel: Float64[np.ndarray, "n m"], features: Features) -> Float64[np.ndarray, "groups m"]:
    """Add the rows of each group."""
    order = np.argsort(features.numbers, kind="stable")
    starts = np.cumsum([0, *features.sizes[:-1]]).astype(np.int64)
    found: np.ndarray = np.add.reduceat(kernel[order], starts, axis=0)
    return found


def _others(sums: Sums) -> Sums:
    """Leave out what is within one group."""
    others: np.ndarray = sums - np.diag(np.diag(sums))
    return others


def _mean_within(
    sums: Sums, sizes: Sizes, drawn: Float64[np.ndarray, "resamples groups"]
) -> Float64[np.ndarray, " resamples"]:
    """Return the mean of the kernel over pairs of different groups, under the weights of each resample."""
    pictures = drawn * sizes
    pairs = pictures.sum(axis=1) ** 2 - (pictures**2).sum(axis=1)
    found: np.ndarray = ((drawn @ sums) * drawn).sum(axis=1) / pairs
    return found


def _mean_between(
    sums: Float64[np.ndarray, "a b"],
    sizes: tuple[Float64[np.ndarray, " a"], Float64[np.ndarray, " b"]],
    ours: Float64[np.ndarray, "resamples a"],
    theirs: Float64[np.ndarray, "resamples b"],
) -> Float64[np.ndarray, " resamples"]:
    """Return the mean of the kernel over pairs of one picture of either set, likewise."""
    found: np.ndarray = ((ours @ sums) * theirs).sum(axis=1) / ((ours @ sizes[0]) * (theirs @ sizes[1]))
    return found
