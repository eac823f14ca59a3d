"""Sizes and places of whole objects, from boxes of what is seen of them.

What an edge cuts was larger than its box: how much larger, nobody sees. But the recipe's own geometry says what would
be seen of an object of any size and place. So objects are drawn, cut at the frame, and weighed until what is seen of
them is distributed as the real boxes are: unfolding by expectation maximisation (Richardson 1972, "Bayesian-based
iterative method of image restoration"; D'Agostini 1995), stopped early, as it would otherwise fit the noise.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float64, Int64

from synthgen.priors.boxes import EDGE, Boxes
from synthgen.priors.survey import Survey
from synthgen.scene.recipe import Recipe

__all__ = ["LONGER", "Fit", "Stratum", "fit"]

QUANTILES = (0.02, 0.2, 0.4, 0.6, 0.8, 0.98)  # of the seen lengths, between which the strata lie
LONGER = 1.5  # the longest object that is cut, over the longest that is seen: an assumption, as no box can say
APART = 1.05  # ratio of two bounds of a stratum, at least
STRETCH = (0.1, 0.9)  # quantiles of the pictures' aspects
COUNTS = (0.1, 0.9)  # quantiles of the boxes in a picture that has any
DRAWS = 4000  # for each stratum
STEPS, ROUNDS = 40, 6  # of the unfolding; of weights and reach in turn
HALVINGS = 12  # of the interval in which the reach lies
WHOLE = 10  # boxes that no edge cuts: with fewer, the shapes of all are used
FLOOR = 1e-6  # probability of any cell: there are boxes that no object which the recipe draws would give
LEAST = 0.005  # weight of a stratum that is kept


@dataclass(frozen=True, slots=True)
class Stratum:
    """Objects whose long side is low … high heights of the frame; `weight` is their share."""

    low: float
    high: float
    weight: float


@dataclass(frozen=True)
class Fit:
    """The numbers of a recipe.

    Attributes:
        strata: Long sides of whole objects, before the picture is squeezed; their weights add up to 1.
        x: Least and largest place of the middle of a whole object, as fractions of the frame.
        y: Likewise.
        stretch: Width over height of the pictures, relative to the frame's: least and largest.
        instances: Least and most objects in a picture that has any.
        shapes: Logarithms of width over height of whole objects, before the picture is squeezed.
    """

    strata: tuple[Stratum, ...]
    x: tuple[float, float]
    y: tuple[float, float]
    stretch: tuple[float, float]
    instances: tuple[int, int]
    shapes: Float64[np.ndarray, " n"]


@dataclass(frozen=True)
class _Objects:
    """Objects that were drawn once, to be weighed and moved.

    Attributes:
        stratum: Of each.
        sides: (width, height) within the frame, as fractions of it.
        places: (x, y) within −1–1 of the reach.
    """

    stratum: Int64[np.ndarray, " n"]
    sides: Float64[np.ndarray, "n 2"]
    places: Float64[np.ndarray, "n 2"]

    def seen(self, middle: np.ndarray, reach: np.ndarray, aspect: float) -> tuple[Boxes, Bool[np.ndarray, " n"]]:
        """Return what is seen of each, and whether the recipe would keep it."""
        centres = middle + self.places * reach
        whole = np.concatenate([centres - self.sides / 2, centres + self.sides / 2], axis=1)
        xyxy = np.clip(whole, 0, 1)
        touches = np.concatenate([whole[:, :2] <= EDGE, whole[:, 2:] >= 1 - EDGE], axis=1)
        visible = (xyxy[:, 2:] - xyxy[:, :2]).prod(axis=1) / self.sides.prod(axis=1)
        return Boxes(xyxy, touches, np.array([len(xyxy)]), aspect), visible >= Recipe().min_visibility


def fit(found: Survey) -> Fit:
    """Return the recipe under which what is seen of objects is distributed as the boxes found.

    The places are uniform about the mean centre, and reach as far as gives the seen centres their deviation.
    """
    boxes = found.boxes
    bounds = _bounds(found)
    stretch = _rounded(np.quantile(found.pictures, STRETCH))
    known = ~boxes.cut if (~boxes.cut).sum() >= WHOLE else np.ones_like(boxes.cut)
    shapes = (boxes.shapes + np.log(found.stretches))[known]
    objects = _draw(bounds, shapes, stretch, boxes.aspect)
    middle, reach = boxes.centres.mean(axis=0), np.array([0.4, 0.4])
    for _ in range(ROUNDS):
        weights = _weights(objects, len(bounds), boxes, *objects.seen(middle, reach, boxes.aspect))
        reach = _reach(objects, boxes, weights, middle)
    x, y = (_rounded(np.clip([at - far, at + far], 0, 1)) for at, far in zip(middle, reach, strict=True))
    positive = boxes.counts[boxes.counts > 0]
    least, most = (int(count) for count in np.quantile(positive, COUNTS, method="nearest"))
    return Fit(_strata(bounds, weights), x, y, stretch, (least, most), shapes)


def _bounds(found: Survey) -> Float64[np.ndarray, "strata 2"]:
    """Return the bounds of the strata; beyond what is seen there is one more, if anything is cut."""
    squeeze = np.sqrt(found.stretches)
    lengths = (found.boxes.sides * np.stack([squeeze, 1 / squeeze], axis=1)).max(axis=1)
    edges = [float(edge) for edge in np.quantile(lengths, QUANTILES)]
    kept = edges[:1]
    for edge in edges[1:]:
        if edge >= APART * kept[-1]:
            kept.append(edge)
    if found.boxes.cut.any():
        kept.append(kept[-1] * LONGER)
    return np.array([kept[:-1], kept[1:]]).T if len(kept) > 1 else np.array([kept * 2])


def _draw(bounds: np.ndarray, shapes: np.ndarray, stretch: tuple[float, float], aspect: float) -> _Objects:
    """Draw whole objects of every stratum alike, in pictures that are squeezed as the recipe will squeeze its own."""
    rng = np.random.default_rng(0)
    stratum = np.repeat(np.arange(len(bounds)), DRAWS)
    lengths = rng.uniform(bounds[stratum, 0], bounds[stratum, 1])
    shape = rng.choice(shapes, len(stratum))
    squeeze = rng.uniform(np.log(stretch[0]), np.log(stretch[1]), len(stratum)) / 2
    width = lengths * np.exp(np.minimum(shape, 0) - squeeze) / aspect
    height = lengths * np.exp(-np.maximum(shape, 0) + squeeze)
    return _Objects(stratum, np.stack([width, height], axis=1), rng.uniform(-1, 1, (len(stratum), 2)))


def _weights(objects: _Objects, strata: int, boxes: Boxes, drawn: Boxes, kept: np.ndarray) -> np.ndarray:
    """Unfold the share of each stratum from the shares of the cells: seen length, and cut or not."""
    limits = np.unique(np.quantile(boxes.lengths, QUANTILES[1:-1]))
    cells = 2 * (len(limits) + 1)
    measured = np.bincount(_cells(boxes, limits), minlength=cells) / len(boxes.lengths)
    response = np.full((cells, strata), FLOOR)
    np.add.at(response, (_cells(drawn, limits)[kept], objects.stratum[kept]), 1 / DRAWS)
    weights = np.full(strata, 1 / strata)
    for _ in range(STEPS):
        expected = response @ weights
        weights = weights / response.sum(axis=0) * (response.T @ (measured / expected))
        weights /= weights.sum()
    return weights


def _cells(boxes: Boxes, limits: np.ndarray) -> Int64[np.ndarray, " n"]:
    cells: np.ndarray = 2 * np.searchsorted(limits, boxes.lengths) + boxes.cut
    return cells


def _reach(objects: _Objects, boxes: Boxes, weights: np.ndarray, middle: np.ndarray) -> Float64[np.ndarray, " 2"]:
    """Halve the interval in which the reach lies until the seen centres deviate as the real ones do, on each axis."""
    low, high = np.zeros(2), np.full(2, 0.5)
    for _ in range(HALVINGS):
        reach = (low + high) / 2
        drawn, kept = objects.seen(middle, reach, boxes.aspect)
        share = weights[objects.stratum] * kept
        mean = np.average(drawn.centres, axis=0, weights=share)
        deviation = np.sqrt(np.average((drawn.centres - mean) ** 2, axis=0, weights=share))
        narrow = deviation < boxes.centres.std(axis=0)
        low, high = np.where(narrow, reach, low), np.where(narrow, high, reach)
    middling: np.ndarray = (low + high) / 2
    return middling


def _strata(bounds: np.ndarray, weights: np.ndarray) -> tuple[Stratum, ...]:
    """Round, without strata that hardly occur; the largest takes what rounding leaves."""
    kept = weights >= LEAST
    shares = (weights[kept] / weights[kept].sum()).round(3)
    largest = int(shares.argmax())
    shares[largest] += 1 - shares.sum()
    pairs = zip(bounds[kept].tolist(), shares.round(3).tolist(), strict=True)
    return tuple(Stratum(*_rounded(bound), weight) for bound, weight in pairs)


def _rounded(values: np.ndarray | list[float]) -> tuple[float, float]:
    low, high = (float(f"{value:.3g}") for value in values)
    return low, high
