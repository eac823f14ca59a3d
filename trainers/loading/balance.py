"""Class-balanced epochs: positives and negatives come in given shares, whatever the dataset's own."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from synthgen.core.errors import TrainingError
from trainers.loading.order import EpochOrder, Rows

__all__ = ["BalancedOrder", "both_classes"]


class BalancedOrder:
    """As many rows as the dataset has, of which a given share are positive in every stretch of the epoch.

    Each class goes on where it stopped in the epoch before, through shuffled passes of its own, so every row of either
    comes about as often as the others of its class.
    """

    def __init__(self, positive: np.ndarray, share: float, *, seed: int, epoch: int) -> None:
        """Order the rows of booleans `positive` (n,); at least one row of each class."""
        self._rows, self._share = len(positive), share
        self._classes = (np.flatnonzero(~positive), np.flatnonzero(positive))
        self._seed, self._epoch = seed, epoch
        self._pass = lru_cache(4)(self._draw_pass)

    def __len__(self) -> int:
        """Rows in the epoch."""
        return self._rows

    def rows(self, first: int, last: int) -> Rows:
        """Return the rows at positions first … last − 1 of the epoch, int64."""
        places = self._epoch * self._rows + np.arange(first, min(last, self._rows) + 1)
        before = np.floor(places * self._share).astype(np.int64)  # positives up to each place
        is_positive = np.diff(before) > 0
        found = np.empty(len(is_positive), np.int64)
        for label, taken in ((True, before), (False, places - before)):
            found[is_positive == label] = self._nth(label, taken[:-1][is_positive == label])
        return found

    def _nth(self, label: bool, numbers: np.ndarray) -> np.ndarray:
        """Return the rows of a class that come `numbers`-th, counted from the first epoch on."""
        rows = self._classes[label]
        passes, places = np.divmod(numbers, len(rows))
        found = np.empty(len(numbers), np.int64)
        for number in np.unique(passes):
            chosen = passes == number
            found[chosen] = self._pass(label, int(number))[places[chosen]]
        return found

    def _draw_pass(self, label: bool, number: int) -> Rows:
        rows = self._classes[label]
        shuffled = EpochOrder(len(rows), seed=self._seed, epoch=number, window=len(rows))
        found: Rows = rows[shuffled.rows(0, len(rows))]
        return found


def both_classes(positive: np.ndarray) -> np.ndarray:
    """Return booleans `positive` (n,) as they are.

    Raises:
        TrainingError: They are all the same.
    """
    if positive.all() or not positive.any():
        raise TrainingError(
            f"positive_share: all {len(positive)} samples are of one class; set it to 0, or recipe.negatives within 0–1"
        )
    return positive
