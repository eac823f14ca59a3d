"""Average precision of boxes: the area below precision over recall, as the score from which boxes count falls."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from jaxtyping import Float64, Num

from trainers.score.result import Row

__all__ = ["average_precision", "precision_by_weights"]


def average_precision(hits: Float64[np.ndarray, " n"], weights: Num[np.ndarray, " n"], truth: float) -> float:
    """Return the area, 0–1, with each precision raised to the best at its recall or above (PASCAL VOC 2010).

    Args:
        hits: 1 where a found box is a true one, else 0; surest first.
        weights: How often each found box counts.
        truth: Number of true boxes.
    """
    right, counted = np.cumsum(weights * hits), np.cumsum(weights)
    if not truth or not len(hits) or not counted[-1]:
        return 0.0
    precision = right / np.maximum(counted, 1)
    best = np.maximum.accumulate(precision[::-1])[::-1]
    return float(np.sum(np.diff(right, prepend=0) * best) / truth)


def precision_by_weights(rows: Sequence[Row]) -> Callable[[Num[np.ndarray, " rows"]], float]:
    """Return the average precision of the rows as a function of how often each row counts; boxes are sorted once."""
    found = [(score, hit, number) for number, row in enumerate(rows) for score, hit in row.detections]
    found.sort(key=lambda detection: -detection[0])
    hits = np.array([hit for _, hit, _ in found], np.float64)
    places = np.array([number for _, _, number in found], np.intp)
    truth = np.array([row.figures["truth"] for row in rows], np.float64)
    return lambda weights: average_precision(hits, weights[places], float(weights @ truth))
