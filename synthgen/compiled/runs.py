"""Run lengths of a mask (`synthgen.core.geometry.encode_rle`)."""

from __future__ import annotations

import numpy as np
from numba import njit

__all__ = ["run_lengths"]


@njit(cache=True, nogil=True)
def run_lengths(mask: np.ndarray) -> np.ndarray:
    """Return uint32 lengths of the runs of a 2-d mask, row by row, beginning with zeros."""
    runs, count, length, value = np.empty(mask.size + 1, np.uint32), 0, 0, False
    for y in range(mask.shape[0]):
        for x in range(mask.shape[1]):
            if mask[y, x] != value:
                runs[count] = length
                count, length, value = count + 1, 0, not value
            length += 1
    runs[count] = length
    return runs[: count + 1].copy()
