"""What probabilities of a label are worth at every threshold: ROC, precision and recall, calibration, and their areas.

A threshold lets pass all pictures of one probability or none of them; so ties count half in the area under ROC.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from jaxtyping import Bool, Float64, Num

from trainers.score.result import Row

__all__ = [
    "BINS",
    "LabelCurve",
    "Reliability",
    "Told",
    "area_under_roc",
    "average_precision",
    "calibration_error",
    "curve_of",
    "reliability_of",
    "told_by",
]

BINS = 15  # of probability, equally wide

Score: TypeAlias = Callable[[Num[np.ndarray, " n"]], float]
"""A number as a function of how often each picture counts."""


@dataclass(frozen=True, slots=True, eq=False)
class Told:
    """What was told of pictures whose label is known.

    Attributes:
        positive: Whether the label is another than 0 (n).
        probability: That it is, as the predictor says, 0–1 (n).
        places: Of the rows of these pictures (n).
    """

    positive: Bool[np.ndarray, " n"]
    probability: Float64[np.ndarray, " n"]
    places: Num[np.ndarray, " n"]


@dataclass(frozen=True, slots=True, eq=False)
class LabelCurve:
    """What each threshold gives, from the one that lets nothing pass to the one that lets all pass.

    Attributes:
        thresholds: The least probability that passes; the first is infinite (n).
        recalls: Share of the positives that pass, also called true positive rate (n).
        alarms: Share of the negatives that pass, the false positive rate (n).
        precisions: Share of positives among what passes; 1 where nothing does (n).
    """

    thresholds: Float64[np.ndarray, " n"]
    recalls: Float64[np.ndarray, " n"]
    alarms: Float64[np.ndarray, " n"]
    precisions: Float64[np.ndarray, " n"]


@dataclass(frozen=True, slots=True, eq=False)
class Reliability:
    """The pictures by their probability, in `BINS` equal bins; those without a picture are left out.

    Attributes:
        probabilities: Mean of each bin (n).
        shares: Of positives in each (n).
        pictures: In each (n).
    """

    probabilities: Float64[np.ndarray, " n"]
    shares: Float64[np.ndarray, " n"]
    pictures: Float64[np.ndarray, " n"]


def told_by(rows: Sequence[Row]) -> Told:
    """Take probabilities and labels out of rows; those whose label is not known, or is one of several, are left out."""
    places = [place for place, row in enumerate(rows) if "probability" in row.figures]
    figures = [rows[place].figures for place in places]
    labels, values = ([each[name] for each in figures] for name in ("label", "probability"))
    return Told(np.array(labels) > 0, np.array(values, np.float64), np.array(places, np.intp))


def area_under_roc(told: Told, sources: Sequence[str] | None = None) -> Score:
    """Return the chance that a positive is more probable than a negative; ties count half (Mann and Whitney 1947).

    Args:
        told: Of each picture.
        sources: Of each picture (n). Only pairs of one source are compared; None: all pairs are. NaN without a pair.
    """
    owners = np.unique(sources, return_inverse=True)[1] if sources is not None else np.zeros(len(told.positive))
    levels, inverse = np.unique(np.stack([owners, told.probability], axis=1), axis=0, return_inverse=True)
    level = inverse.ravel()
    owner = levels[:, 0].astype(np.intp)
    first = np.searchsorted(owner, owner)  # level of the same source

    def area(weights: Num[np.ndarray, " n"]) -> float:
        right = np.bincount(level, weights * told.positive, len(levels))
        wrong = np.bincount(level, weights * ~told.positive, len(levels))
        before = np.cumsum(wrong) - wrong
        below = before - before[first] + wrong / 2
        pairs = float(np.bincount(owner, right) @ np.bincount(owner, wrong))
        return float(right @ below) / pairs if pairs else float("nan")

    return area


def average_precision(told: Told) -> Score:
    """Return the area under precision against recall, as steps; NaN where not both labels count.

    It is Σ (rₙ − rₙ₋₁) pₙ over the distinct probabilities: nothing is interpolated (Davis and Goadrich 2006).
    """
    values, level = np.unique(-told.probability, return_inverse=True)

    def area(weights: Num[np.ndarray, " n"]) -> float:
        right = np.bincount(level, weights * told.positive, len(values))
        passed = np.bincount(level, weights, len(values))
        total = right.sum()
        if not 0 < total < passed.sum():
            return float("nan")
        precisions = np.cumsum(right) / np.maximum(np.cumsum(passed), 1e-12)
        return float(right @ precisions / total)

    return area


def calibration_error(told: Told) -> Score:
    """Return the mean distance of probability and share of positives over bins of `BINS`, weighed by their pictures.

    It is the expected calibration error (Guo et al. 2017) of the probability of label 1, not of the surer label.
    """
    bins, gap = _bins(told), told.positive - told.probability

    def error(weights: Num[np.ndarray, " n"]) -> float:
        total = float(weights.sum())
        return float(np.abs(np.bincount(bins, weights * gap, BINS)).sum()) / total if total else float("nan")

    return error


def curve_of(told: Told) -> LabelCurve:
    """Return the curve of all pictures, each counted once; shares of what is not there are NaN."""
    values, level = np.unique(-told.probability, return_inverse=True)
    right, passed = (np.cumsum(np.bincount(level, part, len(values))) for part in (told.positive, None))
    positives = int(told.positive.sum())
    zero = np.zeros(1)
    return LabelCurve(
        np.concatenate([[np.inf], -values]),
        np.concatenate([zero, right]) / (positives or np.nan),
        np.concatenate([zero, passed - right]) / ((len(level) - positives) or np.nan),
        np.concatenate([[1.0], right / passed]),
    )


def reliability_of(told: Told) -> Reliability:
    """Return the bins of all pictures, each counted once."""
    bins = _bins(told)
    pictures = np.bincount(bins, minlength=BINS)
    there = pictures > 0
    probabilities, positives = (np.bincount(bins, part, BINS)[there] for part in (told.probability, told.positive))
    counts = pictures[there].astype(np.float64)
    return Reliability(probabilities / counts, positives / counts, counts)


def _bins(told: Told) -> Num[np.ndarray, " n"]:
    """Return the bin of each picture; a bin holds its lower end, and the last one both."""
    return np.minimum((told.probability * BINS).astype(np.intp), BINS - 1)
