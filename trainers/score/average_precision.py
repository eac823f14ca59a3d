"""COCO's average precision as a function of how often each picture counts.

What is right was decided picture by picture (`trainers.score.ranked`), so that a resample only weighs it anew.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float64, Num

from trainers.compiled.precision import interpolated
from trainers.score.ranked import CELLS, RANGES, cell
from trainers.score.result import Ranked, Row, Shape

__all__ = ["LEVELS", "SUMMARIES", "Ranking", "category_names", "precisions", "rankings_of", "summarized"]

LEVELS = np.linspace(0.0, 1.0, 101)  # of recall, at which COCO reads the precision
EVERY = ""  # stands for all categories where they are not told apart
SUMMARIES: Mapping[str, tuple[int, ...]] = {
    "ap": tuple(place for place, (size, _) in enumerate(CELLS) if size == "all"),
    "ap50": (cell("all", 0.5),),
    "ap75": (cell("all", 0.75),),
    **{
        f"ap_{name}": tuple(place for place, (size, _) in enumerate(CELLS) if size == name)
        for name in RANGES
        if name != "all"
    },
}
"""The cells of which each score is the mean, as COCO names them."""
MEMBERS = np.array([[number in cells for cells in SUMMARIES.values()] for number in range(len(CELLS))], np.float64)

Weights = Num[np.ndarray, " rows"]


@dataclass(frozen=True, slots=True, eq=False)
class Ranking:
    """All objects of one category that were found in any picture, surest first.

    Attributes:
        scores: Of each (n).
        places: The row in which it was found (n).
        right: Whether it is a true one, in each cell (cells, n).
        counted: Whether it is right or wrong, in each cell (cells, n).
        truth: Number of true objects of each row in each cell (rows, cells).
    """

    scores: Float64[np.ndarray, " n"]
    places: Num[np.ndarray, " n"]
    right: Bool[np.ndarray, "cells n"]
    counted: Bool[np.ndarray, "cells n"]
    truth: Float64[np.ndarray, "rows cells"]


def category_names(rows: Sequence[Row], shape: Shape = "box") -> tuple[str, ...]:
    """Return the categories of the true objects in alphabetical order.

    There is but one, "", where an object, true or found, has no category: then none can be told apart.
    """
    told = [row.ranked[shape] for row in rows if shape in row.ranked]
    names = {name for each in told for name in each.wanted}
    if EVERY in names or any(EVERY in each.categories for each in told):
        return (EVERY,)
    return tuple(sorted(names))


def rankings_of(rows: Sequence[Row], shape: Shape = "box") -> dict[str, Ranking] | None:
    """Return a ranking for each category; None where a row does not know its objects."""
    if not all(shape in row.ranked for row in rows):
        return None
    told = [row.ranked[shape] for row in rows]
    return {name: _ranking(told, name) for name in category_names(rows, shape)}


def precisions(rankings: Mapping[str, Ranking]) -> Callable[[Weights], Float64[np.ndarray, "categories cells"]]:
    """Return the average precision of each category in each cell as a function of how often each row counts.

    It is the mean of the precision at 101 levels of recall, each the best at that recall or above, and 0 beyond the
    greatest recall; NaN where there is no true object.
    """
    each = list(rankings.values())

    def weighted(weights: Weights) -> Float64[np.ndarray, "categories cells"]:
        often = np.asarray(weights, np.float64)
        found = [interpolated(own.right, own.counted, often[own.places], often @ own.truth, LEVELS) for own in each]
        return np.array(found, np.float64).reshape(len(each), len(CELLS))

    return weighted


def summarized(found: Float64[np.ndarray, "categories cells"]) -> dict[str, float]:
    """Return the scores of `SUMMARIES`: means over the categories that have a true object; NaN where none has."""
    there = ~np.isnan(found)
    totals, counts = np.where(there, found, 0).sum(axis=0) @ MEMBERS, there.sum(axis=0) @ MEMBERS
    means = np.divide(totals, counts, out=np.full(len(SUMMARIES), np.nan), where=counts > 0)
    return dict(zip(SUMMARIES, means.tolist(), strict=True))


def _ranking(told: Sequence[Ranked], name: str) -> Ranking:
    """Put the objects of a category in order of score; of equals, the first row's comes first."""
    kept = [
        (score, row, right, counted)
        for row, each in enumerate(told)
        for score, category, right, counted in zip(each.scores, each.categories, each.right, each.counted, strict=True)
        if name in (EVERY, category)
    ]
    kept.sort(key=lambda one: -one[0])
    scores, places, right, counted = zip(*kept, strict=True) if kept else ((), (), (), ())
    truth = [_unpacked(_sizes_of(each, name), len(RANGES)).sum(axis=1) for each in told]
    by_range = np.array(truth, np.float64).reshape(len(told), len(RANGES))
    return Ranking(
        scores=np.array(scores, np.float64),
        places=np.array(places, np.intp),
        right=_unpacked(right, len(CELLS)),
        counted=_unpacked(counted, len(CELLS)),
        truth=np.repeat(by_range, len(CELLS) // len(RANGES), axis=1),
    )


def _sizes_of(each: Ranked, name: str) -> list[int]:
    return [sizes for sizes, category in zip(each.sizes, each.wanted, strict=True) if name in (EVERY, category)]


def _unpacked(bits: Sequence[int], length: int) -> Bool[np.ndarray, "length n"]:
    """Return the bits of each integer as a column, the lowest first."""
    values = np.array(bits, np.int64).reshape(1, -1) >> np.arange(length, dtype=np.int64)[:, None]
    marks: np.ndarray = np.ascontiguousarray(values & 1).astype(bool)
    return marks
