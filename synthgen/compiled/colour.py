"""Colour of premultiplied layers (`synthgen.ops.premultiplied`)."""

from __future__ import annotations

import numpy as np
from numba import njit

__all__ = ["mean_light", "premultiplied", "recoloured", "straight"]

HALF, FULL = np.float32(0.5), np.float32(255)


@njit(cache=True, nogil=True)
def _freed(code: int, alpha: int) -> int:
    """Return a premultiplied code free of its alpha, which is not 0."""
    return int(min(np.float32(code) * (FULL / np.float32(alpha)), FULL) + HALF)


@njit(cache=True, nogil=True)
def _covered(code: int, alpha: int) -> int:
    """Return a straight code premultiplied with alpha."""
    return int(np.float32(code) * (np.float32(alpha) / FULL) + HALF)


@njit(cache=True, nogil=True)
def straight(layer: np.ndarray) -> np.ndarray:
    """Return uint8 RGB free of the alpha of uint8 RGBA; 0 where nothing is covered."""
    colour = np.zeros(layer.shape[:2] + (3,), np.uint8)
    for y in range(layer.shape[0]):
        for x in range(layer.shape[1]):
            alpha = layer[y, x, 3]
            if alpha:
                for c in range(3):
                    colour[y, x, c] = _freed(layer[y, x, c], alpha)
    return colour


@njit(cache=True, nogil=True)
def premultiplied(colour: np.ndarray, layer: np.ndarray) -> np.ndarray:
    """Return uint8 RGBA of straight `colour` with the alpha of `layer`."""
    covered = np.zeros_like(layer)
    for y in range(layer.shape[0]):
        for x in range(layer.shape[1]):
            alpha = layer[y, x, 3]
            if alpha:
                for c in range(3):
                    covered[y, x, c] = _covered(colour[y, x, c], alpha)
                covered[y, x, 3] = alpha
    return covered


@njit(cache=True, nogil=True)
def recoloured(layer: np.ndarray, tables: np.ndarray) -> np.ndarray:
    """Return premultiplied `layer` with its straight codes looked up in uint8 `tables` (256, 3)."""
    new = np.zeros_like(layer)
    for y in range(layer.shape[0]):
        for x in range(layer.shape[1]):
            alpha = layer[y, x, 3]
            if alpha == 255:
                for c in range(3):
                    new[y, x, c] = tables[layer[y, x, c], c]
            elif alpha:
                for c in range(3):
                    new[y, x, c] = _covered(tables[_freed(layer[y, x, c], alpha), c], alpha)
            new[y, x, 3] = alpha
    return new


@njit(cache=True, nogil=True)
def mean_light(image: np.ndarray, decode: np.ndarray) -> np.ndarray:
    """Return the mean of decode[image] over uint8 RGB, float64 (3,)."""
    red, green, blue = 0.0, 0.0, 0.0
    for y in range(image.shape[0]):
        for x in range(image.shape[1]):
            red += decode[image[y, x, 0]]
            green += decode[image[y, x, 1]]
            blue += decode[image[y, x, 2]]
    mean: np.ndarray = np.array((red, green, blue)) / (image.shape[0] * image.shape[1])
    return mean
