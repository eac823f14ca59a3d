"""Resampling: cutouts onto the unbounded canvas, backgrounds into the frame.

Coordinates are continuous: pixel i covers [i, i + 1), its middle is i + 0.5. Everything is
resampled bilinearly from the mip level whose reduction is just below the one wanted
(Williams 1983), in premultiplied alpha, so that no colour leaks from under alpha 0.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from jaxtyping import Float64

from synthgen.core.geometry import apply_affine, rotation_scale_flip
from synthgen.core.types import RGB, RGBA, Box, Coverage, Size
from synthgen.scene.scene import Backdrop, Placement

__all__ = ["Layer", "Silhouette", "warp_backdrop", "warp_cutout"]

MARGIN = 2  # pixels around a layer, beyond its blend's reach: bilinear taps look one pixel outside the shape
OPAQUE_FROM = 128  # alpha from which a pixel belongs to the object (coverage of one half)


@dataclass(frozen=True, slots=True, eq=False)
class Silhouette:
    """The shape of an object on the unbounded canvas.

    Attributes:
        mask: Amodal mask of a window: coverage of at least one half, before any blend (law 3).
        box: The window's place on the canvas; may leave the frame.
    """

    mask: Coverage
    box: Box


@dataclass(frozen=True, slots=True, eq=False)
class Layer(Silhouette):
    """An object on the unbounded canvas.

    Attributes:
        pixels: Premultiplied RGBA of the window.
    """

    pixels: RGBA


def warp_cutout(levels: tuple[RGBA, ...], placement: Placement) -> Layer:
    """Resample an object's mip levels (premultiplied, level 0 full size) to its place on the canvas."""
    height, width = levels[0].shape[:2]
    linear = rotation_scale_flip(placement.rotation, placement.scale, placement.flip)
    offset = np.array(placement.center) - linear @ np.array([width / 2, height / 2])
    corners = apply_affine(linear, offset, np.array([[0, 0], [width, 0], [width, height], [0, height]], dtype=float))
    margin = MARGIN + placement.blend.reach
    x0, y0 = (int(value) - margin for value in np.floor(corners.min(axis=0)))
    x1, y1 = (int(value) + margin for value in np.ceil(corners.max(axis=0)))
    level = _level(levels, 1.0 / placement.scale)
    pixels = _warp(level, levels[0], linear, offset - np.array([x0, y0]), (y1 - y0, x1 - x0), cv2.BORDER_CONSTANT)
    return Layer(pixels[:, :, 3] >= OPAQUE_FROM, (x0, y0, x1, y1), pixels)


def warp_backdrop(levels: tuple[RGB, ...], backdrop: Backdrop, size: Size) -> RGB:
    """Resample the crop of a background's mip levels to fill a frame of `size`.

    The crop is rounded to whole pixels of the level it is taken from, which shifts the scene by half
    an output pixel at most, no label with it, and lets `cv2.resize` do the work: three times as fast as a warp.
    """
    x0, y0, x1, y1 = backdrop.crop
    level = _level(levels, min((x1 - x0) / size[1], (y1 - y0) / size[0]))
    across, down = level.shape[1] / levels[0].shape[1], level.shape[0] / levels[0].shape[0]
    left, top = min(round(x0 * across), level.shape[1] - 1), min(round(y0 * down), level.shape[0] - 1)
    crop = level[top : max(round(y1 * down), top + 1), left : max(round(x1 * across), left + 1)]
    image = cv2.resize(crop, (size[1], size[0]), interpolation=cv2.INTER_LINEAR)
    return cv2.flip(image, 1) if backdrop.flip else image


def _level(levels: tuple[np.ndarray, ...], reduction: float) -> np.ndarray:
    """Return the smallest level that still has at least the detail wanted."""
    wanted = int(np.floor(np.log2(max(reduction, 1.0))))
    return levels[min(wanted, len(levels) - 1)]


def _warp(
    level: np.ndarray,
    full: np.ndarray,
    linear: Float64[np.ndarray, "2 2"],
    offset: Float64[np.ndarray, 2],
    size: Size,
    border: int,
) -> np.ndarray:
    """Apply p ↦ linear · p + offset, given for the full-size image, to one of its levels."""
    ratio = np.array([full.shape[1] / level.shape[1], full.shape[0] / level.shape[0]])
    matrix = linear * ratio
    shift = offset + matrix @ np.array([0.5, 0.5]) - 0.5
    affine = np.column_stack([matrix, shift])
    warped: np.ndarray = cv2.warpAffine(level, affine, (size[1], size[0]), flags=cv2.INTER_LINEAR, borderMode=border)
    return warped
