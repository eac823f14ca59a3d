"""In which order an epoch visits the rows of a split, and which rank takes which of them. Pure functions of the seed.

Blocks of consecutive rows are shuffled, then rows within windows of many blocks: nearly as good as a perfect
shuffle (`benchmarks/shuffle.py` measures it), while the files are read a window at a time.
"""

from __future__ import annotations

from bisect import bisect_right
from functools import lru_cache

import numpy as np

__all__ = ["BLOCK_ROWS", "WINDOW_ROWS", "EpochOrder", "batch_bounds", "batch_count"]

BLOCK_ROWS = 128  # as many as a row group, so that a block is one stretch of a file
WINDOW_ROWS = 16_384
Rows = np.ndarray


class EpochOrder:
    """The rows 0 … `rows` − 1 in the order of one epoch; computed a window at a time."""

    def __init__(self, rows: int, *, seed: int, epoch: int, shuffle: bool = True, window: int = WINDOW_ROWS) -> None:
        """Shuffle the blocks; a window of at least `rows` rows gives a perfect shuffle."""
        self._rows, self._shuffle, self._key = rows, shuffle, (seed, epoch)
        blocks = -(-rows // BLOCK_ROWS)
        self._blocks = self._rng(0).permutation(blocks) if shuffle else np.arange(blocks)
        lengths = np.minimum(BLOCK_ROWS, rows - self._blocks * BLOCK_ROWS)
        self._per_window = max(1, -(-window // BLOCK_ROWS))
        starts = np.concatenate([[0], np.cumsum(lengths)])[:: self._per_window]
        self._starts = [int(start) for start in starts if start < rows]
        self._window = lru_cache(2)(self._draw_window)

    def __len__(self) -> int:
        """Rows in the epoch."""
        return self._rows

    def rows(self, first: int, last: int) -> Rows:
        """Return the rows at positions first … last − 1 of the epoch, int64."""
        parts, position = [np.empty(0, np.int64)], first
        while position < min(last, self._rows):
            number = bisect_right(self._starts, position) - 1
            start = self._starts[number]
            part = self._window(number)[position - start : last - start]
            parts.append(part)
            position += len(part)
        return np.concatenate(parts)

    def _draw_window(self, number: int) -> Rows:
        blocks = self._blocks[number * self._per_window : (number + 1) * self._per_window]
        rows = (blocks[:, None] * BLOCK_ROWS + np.arange(BLOCK_ROWS)).ravel()
        rows = rows[rows < self._rows]
        return self._rng(number + 1).permutation(rows) if self._shuffle else rows

    def _rng(self, number: int) -> np.random.Generator:
        return np.random.default_rng([*self._key, number])


def batch_count(rows: int, batch_size: int, ranks: int) -> int:
    """Return the steps of an epoch, the same for every rank.

    A rest too small to give each rank a sample joins the step before it.
    """
    full, rest = divmod(rows, batch_size * ranks)
    return full + (rest >= ranks or not full)


def batch_bounds(rows: int, batch_size: int, rank: int, ranks: int, step: int) -> tuple[int, int]:
    """Return the positions first … last − 1 of the epoch that a rank takes at a step.

    All ranks together take `batch_size · ranks` positions in a row, whatever their number, and each position
    is taken once; the last step deals what is left as evenly as it can.
    """
    everyone = batch_size * ranks
    start = step * everyone
    end = rows if step + 1 == batch_count(rows, batch_size, ranks) else start + everyone
    shares = [start + (end - start) * part // ranks for part in (rank, rank + 1)]
    return shares[0], shares[1]
