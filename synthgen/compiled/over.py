"""The over operator, in linear light and in codes (`synthgen.ops.premultiplied`)."""

from __future__ import annotations

import numpy as np
from numba import njit

__all__ = ["over_codes", "over_light"]

ALPHA = np.float32(1 / 255)


@njit(cache=True, nogil=True)
def over_light(below: np.ndarray, above: np.ndarray, decode: np.ndarray, encode: np.ndarray) -> None:
    """Lay premultiplied uint8 RGBA over RGB in place; `decode` and `encode` are tables of the sRGB curve."""
    one, half, steps = np.float32(1), np.float32(0.5), np.float32(len(encode) - 1)
    for y in range(below.shape[0]):
        for x in range(below.shape[1]):
            alpha = above[y, x, 3]
            if alpha == 255:
                for c in range(3):
                    below[y, x, c] = above[y, x, c]
            elif alpha:
                share = np.float32(alpha) * ALPHA
                for c in range(3):
                    colour = int(min(np.rint(np.float32(above[y, x, c]) / share), np.float32(255)))
                    light = share * decode[colour] + (one - share) * decode[below[y, x, c]]
                    below[y, x, c] = encode[int(light * steps + half)]


@njit(cache=True, nogil=True)
def over_codes(below: np.ndarray, above: np.ndarray) -> None:
    """Lay premultiplied uint8 RGBA over RGB in place, mixing codes."""
    for y in range(below.shape[0]):
        for x in range(below.shape[1]):
            alpha = above[y, x, 3]
            if alpha == 255:
                for c in range(3):
                    below[y, x, c] = above[y, x, c]
            elif alpha:
                rest = np.float32(1) - np.float32(alpha) * ALPHA
                for c in range(3):
                    mixed = np.rint(np.float32(above[y, x, c]) + rest * np.float32(below[y, x, c]))
                    below[y, x, c] = int(min(mixed, np.float32(255)))
