"""FROC: recall against false alarms a picture, as the score from which boxes count falls (Chakraborty 1989).

A box is right, or a false alarm, by COCO's rule at an IoU of .5; all categories count together. A threshold lets pass
all boxes of one score or none of them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float64, Num

from trainers.score.ranked import cell
from trainers.score.result import Row

__all__ = ["Froc", "froc_of", "recall_at"]

HALF = cell("all", 0.5)


@dataclass(frozen=True, slots=True, eq=False)
class Froc:
    """A curve, from the threshold that lets nothing pass to the one that lets all pass.

    Attributes:
        thresholds: The least score that passes; the first is infinite (n).
        alarms: False alarms a picture at each (n).
        recalls: Share of the true boxes found at each; NaN where there is none (n).
    """

    thresholds: Float64[np.ndarray, " n"]
    alarms: Float64[np.ndarray, " n"]
    recalls: Float64[np.ndarray, " n"]

    def recall_at(self, alarms: float) -> float:
        """Return the greatest recall at which there are no more false alarms a picture than this.

        No recall between two thresholds is made up, nor one beyond the last.
        """
        return float(self.recalls[np.flatnonzero(self.alarms <= alarms)[-1]])


def froc_of(rows: Sequence[Row]) -> Froc | None:
    """Return the curve of the rows, each counted once; None where a row does not know its boxes."""
    pooled = _pooled(rows)
    return None if pooled is None else pooled.curve(np.ones(len(rows)))


def recall_at(rows: Sequence[Row], alarms: float) -> Callable[[Num[np.ndarray, " rows"]], float]:
    """Return `Froc.recall_at` as a function of how often each row counts; NaN where nothing is known or to be found."""
    pooled = _pooled(rows)
    return lambda weights: float("nan") if pooled is None else pooled.curve(weights).recall_at(alarms)


@dataclass(frozen=True, slots=True, eq=False)
class _Pooled:
    """All boxes of all rows that are right or wrong, surest first, of whatever category."""

    scores: Float64[np.ndarray, " n"]
    places: Num[np.ndarray, " n"]
    right: Bool[np.ndarray, " n"]
    last: Bool[np.ndarray, " n"]  # of the boxes of one score
    truth: Float64[np.ndarray, " rows"]

    def curve(self, weights: Num[np.ndarray, " rows"]) -> Froc:
        often, truth = weights[self.places], float(weights @ self.truth)
        hits = np.cumsum(often * self.right)[self.last]
        alarms = np.cumsum(often * ~self.right)[self.last]
        start = np.zeros(1)
        return Froc(
            np.concatenate([[np.inf], self.scores[self.last]]),
            np.concatenate([start, alarms]) / max(float(weights.sum()), 1.0),
            np.concatenate([start, hits]) / (truth or np.nan),
        )


def _pooled(rows: Sequence[Row]) -> _Pooled | None:
    told = [row.ranked.get("box") for row in rows]
    if any(each is None for each in told):
        return None
    found = [
        (score, place, bool(right >> HALF & 1))
        for place, each in enumerate(told)
        if each is not None
        for score, right, counted in zip(each.scores, each.right, each.counted, strict=True)
        if counted >> HALF & 1
    ]
    found.sort(key=lambda one: -one[0])
    scores, places, right = zip(*found, strict=True) if found else ((), (), ())
    return _Pooled(
        scores=np.array(scores, np.float64),
        places=np.array(places, np.intp),
        right=np.array(right, bool),
        last=np.diff(np.array(scores, np.float64), append=-np.inf) < 0,
        truth=np.array([row.figures["truth"] for row in rows], np.float64),
    )
