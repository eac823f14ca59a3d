"""From a coarse map to a heat map, and to a mask. Pure functions."""

from __future__ import annotations

import cv2
import numpy as np
from jaxtyping import Float32, Num

from synthgen.core.types import Coverage, Size
from trainers.config.localizer import Interpolation, Order, PostProcessing

__all__ = ["cleaned", "heat_map", "kernel_side", "mask_of"]

INTERPOLATIONS = {"nearest": cv2.INTER_NEAREST, "bilinear": cv2.INTER_LINEAR, "bicubic": cv2.INTER_CUBIC}

Heat = Float32[np.ndarray, "h w"]


def heat_map(
    relevance: Float32[np.ndarray, "_down _across"], size: Size, interpolation: Interpolation, *, positive: bool
) -> Heat:
    """Enlarge a coarse map to a picture (pixel centres stay centres) and stretch it to 0–1.

    A map without range says nothing of where: it becomes 1 everywhere where it is above 0, and 0 otherwise.

    Args:
        relevance: As a method finds it.
        size: (height, width) of the picture.
        interpolation: How it is enlarged.
        positive: Whether what is below 0 counts as nothing.
    """
    height, width = size
    found = cv2.resize(relevance, (width, height), interpolation=INTERPOLATIONS[interpolation])
    if positive:
        found = np.maximum(found, 0)
    low, high = float(found.min()), float(found.max())
    if not high - low > np.finfo(np.float32).eps * max(abs(low), abs(high)):
        return np.full(size, float(high > 0), np.float32)
    return ((found - low) / (high - low)).astype(np.float32)


def kernel_side(share: float, size: Size) -> int:
    """Return the side of a kernel in pixels, odd, for a share of the picture's longer side; 1 changes nothing."""
    return 2 * round((share * max(size) - 1) / 2) + 1 if share > 0 else 1


def cleaned(heat: Num[np.ndarray, "h w"], order: Order, side: int) -> Num[np.ndarray, "h w"]:
    """Return a heat map, or its levels, after grey morphology with a square kernel of `side` pixels.

    It commutes with thresholds: a threshold of the result is the same morphology of a thresholded map.
    """
    if order == "none" or side <= 1:
        return heat
    kernel = cv2.getStructuringElement(cv2.MORPH_RECT, (side, side))
    first, then = (cv2.dilate, cv2.erode) if order == "dilate_erode" else (cv2.erode, cv2.dilate)
    found: np.ndarray = then(first(heat, kernel), kernel)
    return found


def mask_of(heat: Heat, post: PostProcessing) -> Coverage:
    """Return the pixels of a heat map that count, cleaned as `post` says."""
    height, width = heat.shape
    return cleaned(heat, post.order, kernel_side(post.kernel, (height, width))) >= post.threshold
