"""Resampling: cutouts onto the unbounded canvas, backgrounds into the frame.

Coordinates are continuous: pixel i covers [i, i + 1), its middle is i + 0.5. Everything is
resampled bilinearly from the mip level whose reduction is just below the one wanted
(Williams 1983), in premultiplied alpha, so that no colour leaks from under alpha 0. Where a stretched
picture shrinks more along one axis than along the other, the level is the one for the axis that keeps
more, and the other one is sampled more finely and averaged. In a sequence the levels above and below are mixed, or else
an object whose scale changes would turn blurred from one frame to the next.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np
from jaxtyping import Float64, UInt8

from synthgen.core.types import RGB, RGBA, AnyRGB, AnyRGBA, Box, Coverage, Size
from synthgen.scene.backdrop import Backdrop, Window
from synthgen.scene.scene import Placement

__all__ = ["Layer", "Silhouette", "warp_backdrop", "warp_cutout", "warp_window"]

UNEVEN = 1.25  # between the reductions along the axes, from which they are no rounding of one and the same
MARGIN = 2  # pixels around a layer, beyond its blend's reach: bilinear taps look one pixel outside the shape
AnyPixels = UInt8[np.ndarray, "_h _w _c"]
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


def warp_cutout(levels: tuple[AnyRGBA, ...], placement: Placement) -> Layer:
    """Resample an object's mip levels (premultiplied, level 0 full size) to its place on the canvas."""
    height, width = levels[0].shape[:2]
    linear = placement.pose.linear
    (a, b), (c, d) = linear.tolist()
    reach_x, reach_y = (abs(a) * width + abs(b) * height) / 2, (abs(c) * width + abs(d) * height) / 2
    (x, y), margin = placement.pose.center, MARGIN + placement.blend.reach
    x0, y0 = math.floor(x - reach_x) - margin, math.floor(y - reach_y) - margin
    x1, y1 = math.ceil(x + reach_x) + margin, math.ceil(y + reach_y) + margin
    level, finer = _detail(levels, placement.pose.reduction)
    center, extent = (x - x0, y - y0), (x1 - x0, y1 - y0)
    pixels = _warp(level, _affine(linear, levels[0], level, center), extent, finer)
    if placement.track is not None:
        halvings = math.log2(max(min(placement.pose.reduction), 1.0))
        coarser = levels[min(int(halvings) + 1, len(levels) - 1)]
        more = _warp(coarser, _affine(linear, levels[0], coarser, center), extent, (1, 1))
        pixels = cv2.addWeighted(pixels, 1 - halvings % 1, more, halvings % 1, 0)
    return Layer(cv2.extractChannel(pixels, 3) >= OPAQUE_FROM, (x0, y0, x1, y1), pixels)


def warp_backdrop(levels: tuple[AnyRGB, ...], backdrop: Backdrop, size: Size) -> RGB:
    """Resample the crop of a background's mip levels to fill a frame of `size`.

    The crop is rounded to whole pixels of the level it is taken from, which shifts the scene by half
    an output pixel at most, no label with it, and lets `cv2.resize` do the work: three times as fast as a warp.
    """
    x0, y0, x1, y1 = backdrop.crop
    halvings = _halvings(min((x1 - x0) / size[1], (y1 - y0) / size[0]))
    level = levels[min(halvings, len(levels) - 1)]
    across, down = level.shape[1] / levels[0].shape[1], level.shape[0] / levels[0].shape[0]
    left, top = min(round(x0 * across), level.shape[1] - 1), min(round(y0 * down), level.shape[0] - 1)
    crop = level[top : max(round(y1 * down), top + 1), left : max(round(x1 * across), left + 1)]
    crop = _evened(crop, size)
    image = cv2.resize(crop, (size[1], size[0]), interpolation=cv2.INTER_LINEAR)
    return cv2.flip(image, 1) if backdrop.flip else image


def warp_window(levels: tuple[AnyRGB, ...], window: Window, size: Size) -> RGB:
    """Resample what a moving camera sees of a background's mip levels to fill a frame of `size`.

    The window is taken as it is, at any part of a pixel, so that a slow camera does not move by jerks.
    """
    x0, y0, x1, y1 = window.box
    across, down = (x1 - x0) / size[1], (y1 - y0) / size[0]
    level, finer = _detail(levels, (across, down))
    linear = np.diag([(-1 if window.flip else 1) / across, 1 / down])
    middle = (levels[0].shape[1] / 2 - (x0 + x1) / 2, levels[0].shape[0] / 2 - (y0 + y1) / 2)
    x, y = (linear @ middle + np.array([size[1] / 2, size[0] / 2])).tolist()
    affine = _affine(linear, levels[0], level, (x, y))
    return _warp(level, affine, (size[1], size[0]), finer, cv2.BORDER_REPLICATE)


def _detail(levels: tuple[AnyPixels, ...], reduction: tuple[float, float]) -> tuple[AnyPixels, tuple[int, int]]:
    """Return the level that keeps what is wanted along both axes, and how much more finely to sample either of them."""
    across, down = map(_halvings, reduction)
    return levels[min(across, down, len(levels) - 1)], (2 ** max(across - down, 0), 2 ** max(down - across, 0))


def _halvings(reduction: float) -> int:
    """Return the number of the smallest level that still has at least the detail wanted."""
    return math.floor(math.log2(max(reduction, 1.0)))


def _warp(
    level: AnyPixels,
    affine: Float64[np.ndarray, "2 3"],
    extent: tuple[int, int],
    finer: tuple[int, int],
    border: int = cv2.BORDER_CONSTANT,
) -> AnyPixels:
    """Warp into a window of `extent` (width, height), each of its pixels the mean of `finer` samples (across, down)."""
    if finer != (1, 1):  # index i of the window covers the samples n·i … n·i + n − 1
        affine = affine * [[finer[0]], [finer[1]]] + [[0, 0, (finer[0] - 1) / 2], [0, 0, (finer[1] - 1) / 2]]
    sampled = (extent[0] * finer[0], extent[1] * finer[1])
    pixels = cv2.warpAffine(level, affine, sampled, flags=cv2.INTER_LINEAR, borderMode=border)
    return pixels if finer == (1, 1) else cv2.resize(pixels, extent, interpolation=cv2.INTER_AREA)


def _evened(crop: AnyRGB, size: Size) -> AnyRGB:
    """Average a crop along the axes that shrink to less than half, where the other one shrinks less."""
    height, width = crop.shape[:2]
    across, down = width / size[1], height / size[0]
    if max(across, down) < UNEVEN * min(across, down):
        return crop
    evened = (size[1] if across > 2 else width, size[0] if down > 2 else height)
    return crop if evened == (width, height) else cv2.resize(crop, evened, interpolation=cv2.INTER_AREA)


def _affine(
    linear: Float64[np.ndarray, "2 2"], full: np.ndarray, level: np.ndarray, center: tuple[float, float]
) -> Float64[np.ndarray, "2 3"]:
    """Return the map of a level's pixel indices that is `linear` for the full size, and takes middle to `center`."""
    matrix = linear * (full.shape[1] / level.shape[1], full.shape[0] / level.shape[0])
    (a, b), (c, d) = matrix.tolist()
    x, y = (level.shape[1] - 1) / 2, (level.shape[0] - 1) / 2  # in indices, where pixel 0 has its middle at 0
    return np.array([[a, b, center[0] - 0.5 - a * x - b * y], [c, d, center[1] - 0.5 - c * x - d * y]])
