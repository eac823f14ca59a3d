"""The map of a radial distortion (`synthgen.ops.camera.geometry.Distortion`)."""

from __future__ import annotations

import numpy as np
from numba import njit

__all__ = ["radial_sources"]


@njit(cache=True, nogil=True)
def radial_sources(
    x: np.ndarray, y: np.ndarray, middle_x: float, middle_y: float, k: float
) -> tuple[np.ndarray, np.ndarray]:
    """Return middle + (p − middle) · (1 + k r²) / (1 + max(k, 0)), float32 (h, w); r² is 1 at the corners at most."""
    source_x, source_y = np.empty(x.shape, np.float32), np.empty(x.shape, np.float32)
    cx, cy, one = np.float32(middle_x), np.float32(middle_y), np.float32(1)
    unit = one / (cx * cx + cy * cy)
    base = one / np.float32(1 + max(k, 0.0))
    slope = np.float32(k) * base
    for row in range(x.shape[0]):
        for column in range(x.shape[1]):
            dx, dy = x[row, column] - cx, y[row, column] - cy
            factor = min((dx * dx + dy * dy) * unit, one) * slope + base
            source_x[row, column] = dx * factor + cx
            source_y[row, column] = dy * factor + cy
    return source_x, source_y
