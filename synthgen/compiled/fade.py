"""The inward fade of an edge (`synthgen.ops.blend.feather`)."""

from __future__ import annotations

import numpy as np
from numba import njit

__all__ = ["faded"]


@njit(cache=True, nogil=True)
def faded(layer: np.ndarray, distance: np.ndarray, slope: float) -> np.ndarray:
    """Return premultiplied uint8 RGBA times clip((distance − 2 + 2 α) · slope, 0, 1), distance float32 (h, w)."""
    new = np.zeros_like(layer)
    one, two, half, unit = np.float32(1), np.float32(2), np.float32(0.5), np.float32(2 / 255)
    steep = np.float32(slope)
    for y in range(layer.shape[0]):
        for x in range(layer.shape[1]):
            if distance[y, x] == 0:
                continue
            fade = (distance[y, x] - two + np.float32(layer[y, x, 3]) * unit) * steep
            if fade >= one:
                for c in range(4):
                    new[y, x, c] = layer[y, x, c]
            elif fade > 0:
                for c in range(4):
                    new[y, x, c] = int(np.float32(layer[y, x, c]) * fade + half)
    return new
