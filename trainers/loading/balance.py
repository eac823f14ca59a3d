"""Epochs of groups in given shares, whatever their lengths: positives and negatives, or a dataset and photographs."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from jaxtyping import Bool, Int64

from synthgen.core.errors import TrainingError
from trainers.loading.order import EpochOrder, Rows

__all__ = ["BalancedOrder", "classes_of"]


class BalancedOrder:
    """As many rows as all groups have, of which each group has its share in every stretch of the epoch.

    Each group goes on where it stopped in the epoch before, through shuffled passes of its own, so every row of a group
    comes about as often as the others of that group.
    """

    def __init__(self, groups: Sequence[Rows], shares: Sequence[float], *, seed: int, epoch: int) -> None:
        """Order the rows.

        Args:
            groups: Rows of each, at least one.
            shares: Of all groups but the last, which has the rest; together below 1.
            seed: Of the passes.
            epoch: Which one.
        """
        self._groups, self._shares = tuple(groups), tuple(shares)
        self._rows = sum(map(len, groups))
        self._seed, self._epoch = seed, epoch
        self._pass = lru_cache(2 * len(groups))(self._draw_pass)

    def __len__(self) -> int:
        """Rows in the epoch."""
        return self._rows

    def rows(self, first: int, last: int) -> Rows:
        """Return the rows at positions first … last − 1 of the epoch, int64."""
        rest = self._epoch * self._rows + np.arange(first, min(last, self._rows) + 1)  # places that nobody took
        found, left = np.empty(len(rest) - 1, np.int64), 1.0
        for number, share in enumerate((*self._shares, 1.0)):
            part = min(1.0, share / left) if number < len(self._shares) else 1.0
            taken = np.floor(rest * part).astype(np.int64)
            own = np.diff(taken) > 0
            found[own] = self._nth(number, taken[:-1][own])
            rest, left = rest - taken, left - share
        return found

    def _nth(self, group: int, numbers: Int64[np.ndarray, " n"]) -> Int64[np.ndarray, " n"]:
        """Return the rows of a group that come `numbers`-th, counted from the first epoch on."""
        passes, places = np.divmod(numbers, len(self._groups[group]))
        found = np.empty(len(numbers), np.int64)
        for number in np.unique(passes):
            chosen = passes == number
            found[chosen] = self._pass(group, int(number))[places[chosen]]
        return found

    def _draw_pass(self, group: int, number: int) -> Rows:
        rows = self._groups[group]
        shuffled = EpochOrder(len(rows), seed=self._seed, epoch=number, window=len(rows))
        found: Rows = rows[shuffled.rows(0, len(rows))]
        return found


def classes_of(positive: Bool[np.ndarray, " n"]) -> tuple[Rows, Rows]:
    """Return the rows that are positive, and those that are not.

    Raises:
        TrainingError: They are all the same.
    """
    if positive.all() or not positive.any():
        raise TrainingError(
            f"positive_share: all {len(positive)} samples are of one class; set it to 0, or recipe.negatives within 0–1"
        )
    return np.flatnonzero(positive), np.flatnonzero(~positive)
