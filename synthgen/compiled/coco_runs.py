"""Run lengths of one value of a mask as COCO packs them (`synthgen.formats.export.coco`)."""

from __future__ import annotations

import numpy as np
from numba import njit

__all__ = ["packed_runs"]

LONGEST = 7  # characters of a run, or of the difference of two: 5 bits each


@njit(cache=True, nogil=True)
def packed_runs(mask: np.ndarray, value: int, left: int, top: int, right: int, bottom: int) -> np.ndarray:
    """Return the characters, uint8, of the runs down the columns of `mask == value`, which is false out of the box.

    Runs begin with zeros; from the fourth on each is told by its difference to the last but one. The box is
    half-open and lies within the 2-d mask.
    """
    height = mask.shape[0]
    text, length = np.empty(LONGEST * ((right - left) * (bottom - top) + 3), np.uint8), 0
    start, inside, number, last, before = 0, False, 0, 0, 0
    for x in range(left, right):
        for y in range(top, bottom + 1):
            covered = y < bottom and mask[y, x] == value
            if y == bottom and bottom == height and top == 0 and x + 1 < right:
                break  # the column goes on at the top of the next
            if covered != inside:
                run = x * height + y - start
                length = _pack(text, length, run - before if number > 2 else run)
                start, inside, number, before, last = start + run, covered, number + 1, last, run
    run = height * mask.shape[1] - start
    if run:
        length = _pack(text, length, run - before if number > 2 else run)
    return text[:length].copy()


@njit(cache=True, nogil=True)
def _pack(text: np.ndarray, length: int, value: int) -> int:
    """Write 5 bits a character, lowest first; bit 5 says that more follow, bit 4 of the last is the sign."""
    while True:
        bits = value & 31
        value >>= 5
        done = value == (-1 if bits & 16 else 0)
        text[length] = 48 + (bits if done else bits | 32)
        length += 1
        if done:
            return length
