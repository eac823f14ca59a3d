"""Who owns a pixel; how much of an object there is, and how much of it is seen (`synthgen.render.masks`)."""

from __future__ import annotations

import numpy as np
from numba import njit

__all__ = ["extent_of", "paint"]


@njit(cache=True, nogil=True)
def extent_of(mask: np.ndarray, left: int, top: int, topmost: np.ndarray, owner: int) -> tuple[int, ...]:
    """Measure a 2-d mask whose corner lies at (left, top) of the frame, and the pixels that `owner` has in `topmost`.

    Returns pixels of the mask and their box within it (x0, y0, x1, y1); those within the frame; those
    owned and their box in the frame. A box of nothing is meaningless.
    """
    height, width = topmost.shape
    full, inside, owned = 0, 0, 0
    x0, y0, x1, y1 = mask.shape[1], mask.shape[0], 0, 0
    seen_x0, seen_y0, seen_x1, seen_y1 = width, height, 0, 0
    for row in range(mask.shape[0]):
        y = top + row
        for column in range(mask.shape[1]):
            if not mask[row, column]:
                continue
            full += 1
            x0, y0, x1, y1 = min(x0, column), min(y0, row), max(x1, column + 1), max(y1, row + 1)
            x = left + column
            if 0 <= x < width and 0 <= y < height:
                inside += 1
                if topmost[y, x] == owner:
                    owned += 1
                    seen_x0, seen_y0 = min(seen_x0, x), min(seen_y0, y)
                    seen_x1, seen_y1 = max(seen_x1, x + 1), max(seen_y1, y + 1)
    return full, x0, y0, x1, y1, inside, owned, seen_x0, seen_y0, seen_x1, seen_y1


@njit(cache=True, nogil=True)
def paint(topmost: np.ndarray, mask: np.ndarray, left: int, top: int, owner: int) -> None:
    """Give `owner` the pixels of `topmost` under a 2-d mask whose corner lies at (left, top)."""
    height, width = topmost.shape
    for row in range(max(0, -top), min(mask.shape[0], height - top)):
        for column in range(max(0, -left), min(mask.shape[1], width - left)):
            if mask[row, column]:
                topmost[top + row, left + column] = owner
