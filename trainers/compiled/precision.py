"""Interpolated precision of many weighted rankings (`trainers.score.average_precision`)."""

from __future__ import annotations

import numpy as np
from numba import njit

__all__ = ["interpolated"]


@njit(cache=True, nogil=True)
def interpolated(
    right: np.ndarray, counted: np.ndarray, weights: np.ndarray, truth: np.ndarray, levels: np.ndarray
) -> np.ndarray:
    """Return the mean of the precision at rising levels of recall, for each row of `right` and `counted`; else NaN."""
    cells, count = right.shape
    found = np.full(cells, np.nan)
    recall, precision = np.empty(count), np.empty(count)
    for place in range(cells):
        if truth[place] <= 0:
            continue
        hits, judged, length = 0.0, 0.0, 0
        for number in range(count):
            if counted[place, number]:
                judged += weights[number]
            if right[place, number] and weights[number] > 0:  # between two of these the precision only falls
                hits += weights[number]
                recall[length] = hits / truth[place]
                precision[length] = hits / (judged + np.spacing(1.0))
                length += 1
        for number in range(length - 1, 0, -1):
            precision[number - 1] = max(precision[number - 1], precision[number])
        total, number = 0.0, 0
        for level in levels:
            while number < length and recall[number] < level:
                number += 1
            if number == length:
                break
            total += precision[number]
        found[place] = total / len(levels)
    return found
