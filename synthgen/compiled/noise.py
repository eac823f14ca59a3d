"""Sensor noise (`synthgen.ops.camera.sensor.SensorNoise`)."""

from __future__ import annotations

import numpy as np
from numba import njit

__all__ = ["add_noise"]


@njit(cache=True, nogil=True)
def add_noise(
    image: np.ndarray, deviation: np.ndarray, field: np.ndarray, first_x: int, first_y: int, mono: bool
) -> np.ndarray:
    """Return uint8 image + deviation[image] · field from (first_x, first_y) on; the square field repeats."""
    noisy, side = np.empty_like(image), field.shape[0]
    for y in range(image.shape[0]):
        row = field[(first_y + y) % side]
        column = first_x % side
        for x in range(image.shape[1]):
            for c in range(3):
                code = image[y, x, c]
                value = np.float32(code) + deviation[code] * row[column, 0 if mono else c]
                noisy[y, x, c] = int(max(np.float32(0), min(np.rint(value), np.float32(255))))
            column = 0 if column + 1 == side else column + 1
    return noisy
