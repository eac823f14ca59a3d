"""The over operator, in linear light or in codes (`synthgen.ops.premultiplied`)."""

from __future__ import annotations

import numpy as np
from numba import njit

__all__ = ["lay_over"]

ALPHA = np.float32(1 / 255)


@njit(cache=True, nogil=True)
def lay_over(below: np.ndarray, above: np.ndarray, linear: bool, decode: np.ndarray, encode: np.ndarray) -> None:
    """Lay premultiplied uint8 RGBA over RGB in place; `decode` and `encode` are tables of the sRGB curve."""
    one, half, full, steps = np.float32(1), np.float32(0.5), np.float32(255), np.float32(len(encode) - 1)
    for y in range(below.shape[0]):
        for x in range(below.shape[1]):
            alpha = above[y, x, 3]
            if alpha == 255:
                for c in range(3):
                    below[y, x, c] = above[y, x, c]
            elif alpha:
                share = np.float32(alpha) * ALPHA
                for c in range(3):
                    upper, lower = np.float32(above[y, x, c]), below[y, x, c]
                    if linear:
                        colour = int(min(np.rint(upper / share), full))
                        light = share * decode[colour] + (one - share) * decode[lower]
                        below[y, x, c] = encode[int(light * steps + half)]
                    else:
                        below[y, x, c] = int(min(np.rint(upper + (one - share) * np.float32(lower)), full))
