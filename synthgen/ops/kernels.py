"""Convolution kernels that several ops share."""

from __future__ import annotations

import numpy as np
from jaxtyping import Float32

__all__ = ["motion_kernel"]


def motion_kernel(length: float, degrees: float) -> Float32[np.ndarray, "k k"]:
    """Return a straight streak of `length` pixels, turned counter-clockwise; sums to 1.

    A pixel's weight falls linearly to 0 over one pixel of distance from the segment.
    """
    reach = int(np.ceil(length / 2))
    y, x = np.mgrid[-reach : reach + 1, -reach : reach + 1].astype(np.float32)
    cos, sin = np.cos(np.deg2rad(degrees)), np.sin(np.deg2rad(degrees))
    beyond = np.maximum(np.abs(x * cos - y * sin) - (length - 1) / 2, 0)
    streak: np.ndarray = np.maximum(1 - np.hypot(beyond, x * sin + y * cos), 0).astype(np.float32)
    streak /= streak.sum()
    return streak
