"""The pixels of an object before it is laid down: mip levels of premultiplied RGBA."""

from __future__ import annotations

from functools import lru_cache

import cv2
import numpy as np

from synthgen.assets.library import Library
from synthgen.core.types import RGBA, AnyRGBA, Size
from synthgen.ops.noise_fields import noise_window
from synthgen.ops.premultiplied import pack
from synthgen.render.hand import draw_bones
from synthgen.render.warp import warp_backdrop
from synthgen.scene.backdrop import Backdrop
from synthgen.scene.sources import Cutout, Hand, Outline, Patch, Shape, Source

__all__ = ["source_levels"]

SUBPIXEL = 6  # cv2 takes polygon corners in 1/2^6 pixel


def source_levels(source: Source, library: Library, *, again: bool = False) -> tuple[AnyRGBA, ...]:
    """Return the levels of `source`, level 0 at full size; what is drawn or cut from a scene has one.

    Hands take long to draw. One that will be asked for `again`, for the next frame, is kept.
    """
    if isinstance(source, Cutout):
        return _cutout(source, library)
    if isinstance(source, Patch):
        return (_patch(source, library),)
    if isinstance(source, Hand):
        return (_kept_hand(source) if again else draw_bones(source),)
    return (_shape(source),)


_kept_hand = lru_cache(4)(draw_bones)


def _cutout(source: Cutout, library: Library) -> tuple[AnyRGBA, ...]:
    levels = library.foreground(source.foreground_id)
    if source.part is None:
        return levels
    full = levels[0].shape
    parts = []
    for level in levels:
        x0, y0, x1, y1 = np.array(source.part) * ([level.shape[1] / full[1], level.shape[0] / full[0]] * 2)
        part = level[int(y0) : max(round(y1), int(y0) + 1), int(x0) : max(round(x1), int(x0) + 1)]
        parts.append(part)
    return tuple(parts)


def _patch(source: Patch, library: Library) -> RGBA:
    backdrop = Backdrop(source.background_id, source.crop, False)
    texture = warp_backdrop(library.background(source.background_id), backdrop, source.size)
    return pack(texture.astype(np.float32), _coverage(source.outline, source.size))


def _shape(source: Shape) -> RGBA:
    """Draw a shape that is darker towards its edge, like something round under soft light."""
    coverage = _coverage(source.outline, source.size)
    inside = cv2.copyMakeBorder((coverage > 127).astype(np.uint8), 1, 1, 1, 1, cv2.BORDER_CONSTANT, value=0)
    depth = cv2.distanceTransform(inside, cv2.DIST_L2, 3)[1:-1, 1:-1]
    roundness = np.sqrt(np.minimum(depth / max(float(depth.max()), 1.0), 1.0))
    light = 1 - source.rounding * (1 - roundness)
    grain = noise_window(source.size, *source.noise)[:, :, :1] * source.grain
    colour = np.array(source.colour, dtype=np.float32) * light[:, :, None] + grain
    return pack(colour.astype(np.float32), coverage)


def _coverage(outline: Outline, size: Size) -> np.ndarray:
    """Rasterise a polygon of the unit square, anti-aliased: alpha 0–255, float32 (height, width)."""
    corners = np.array(outline) * [size[1] - 1, size[0] - 1]
    canvas = np.zeros(size, dtype=np.uint8)
    cv2.fillPoly(canvas, [np.rint(corners * 2**SUBPIXEL).astype(np.int32)], 255, cv2.LINE_AA, SUBPIXEL)
    return canvas.astype(np.float32)
