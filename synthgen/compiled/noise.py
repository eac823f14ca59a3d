"""Sensor noise (`synthgen.ops.camera.sensor.SensorNoise`)."""

from __future__ import annotations

import numpy as np
from numba import njit

__all__ = ["add_noise"]

LIFT = 4096  # added before rounding and taken off after, as truncation rounds positive numbers only


@njit(cache=True, nogil=True)
def add_noise(
    image: np.ndarray, deviation: np.ndarray, field: np.ndarray, first_x: int, first_y: int, mono: bool
) -> np.ndarray:
    """Return uint8 image + deviation[image] · field from (first_x, first_y) on; the square field repeats.

    All are C-contiguous: image (h, w, 3), deviation float32 (256,), field float32 (side, side, 3).
    """
    (height, width, _), side, lift = image.shape, field.shape[0], np.float32(LIFT + 0.5)
    noisy, alike = np.empty_like(image), np.empty(3 * width, np.float32)
    codes, new, noise = image.reshape(height, -1), noisy.reshape(height, -1), field.reshape(side, -1)
    for y in range(height):
        row, done = noise[(first_y + y) % side], 0
        while done < width:  # stretch by stretch, as the field's row goes round
            start = (first_x + done) % side
            length = min(side - start, width - done)
            drawn = row[3 * start : 3 * (start + length)]
            old, out = codes[y, 3 * done : 3 * (done + length)], new[y, 3 * done : 3 * (done + length)]
            if mono:
                for x in range(length):
                    for c in range(3):
                        alike[3 * x + c] = drawn[3 * x]
                drawn = alike
            for i in range(3 * length):
                value = np.float32(old[i]) + deviation[old[i]] * drawn[i]
                out[i] = min(max(np.int32(value + lift) - LIFT, 0), 255)
            done += length
    return noisy
