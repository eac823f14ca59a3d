"""Effects that move pixels: lens distortion and the skew of a rolling shutter.

Both are given as the source of a point, compose into one map, and take every point of the new
frame from within the old one, so nothing has to be made up at the edges.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Annotated

import cv2
import numpy as np

from synthgen.compiled.lens import radial_sources
from synthgen.core.ranges import FloatRange, between
from synthgen.core.types import RGB, AnyCoverage, Box, Size
from synthgen.ops.camera.effect import EffectRecipe, Geometric, Grid

__all__ = ["Distortion", "DistortionRecipe", "RollingShutter", "RollingShutterRecipe", "move_image", "move_masks"]

RIM, INVERSIONS, MARGIN = 9, 24, 2  # points a side, fixed-point steps at most, pixels for what is left of the error
ACCURACY = 0.25  # pixels


@dataclass(frozen=True, slots=True)
class Distortion(Geometric):
    """Radial distortion: source radius = r (1 + k r²), r = 1 at the corners (Brown 1966); k > 0 is barrel."""

    k: float

    def source(self, x: Grid, y: Grid, size: Size) -> tuple[Grid, Grid]:
        """Return the sources of points; beyond the corners the map goes on linearly."""
        shape = np.broadcast_shapes(x.shape, y.shape)
        x, y = np.broadcast_to(x, shape), np.broadcast_to(y, shape)
        source: tuple[Grid, Grid] = radial_sources(x, y, size[1] / 2, size[0] / 2, self.k)
        return source


@dataclass(frozen=True, slots=True)
class RollingShutter(Geometric):
    """Rows read one after the other: the bottom is `skew` frame widths ahead of the top (Meingast et al. 2005)."""

    skew: float

    def source(self, x: Grid, y: Grid, size: Size) -> tuple[Grid, Grid]:
        """Return the sources of points."""
        height, width = size
        squeeze = 1 - abs(self.skew)
        ahead = self.skew * width * np.clip(y / np.float32(height) - np.float32(0.5), -0.5, 0.5)
        return (width / 2 + (x - np.float32(width / 2)) * np.float32(squeeze) + ahead).astype(np.float32), y


class DistortionRecipe(EffectRecipe):
    """Strength at the corners; positive is barrel."""

    k: Annotated[FloatRange, between(-0.3, 0.5)] = FloatRange(min=0.0, max=0.2)

    def draw(self, rng: np.random.Generator) -> Distortion:
        """Draw one lens."""
        return Distortion(round(self.k.draw(rng), 4))


class RollingShutterRecipe(EffectRecipe):
    """Skew from top to bottom as a share of the frame's width."""

    skew: Annotated[FloatRange, between(-0.5, 0.5)] = FloatRange(min=-0.03, max=0.03)

    def draw(self, rng: np.random.Generator) -> RollingShutter:
        """Draw one skew."""
        return RollingShutter(round(self.skew.draw(rng), 5))


def move_image(image: RGB, effects: Sequence[Geometric]) -> RGB:
    """Return `image` moved by all effects at once, bilinear."""
    x, y = _frame_sources(tuple(effects), (image.shape[0], image.shape[1]))
    steps, fractions = cv2.convertMaps(x, y, cv2.CV_16SC2)  # remap would do it too, three times as slowly
    return cv2.remap(image, steps, fractions, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)


def move_masks(
    masks: Sequence[AnyCoverage], boxes: Sequence[Box], effects: Sequence[Geometric], size: Size
) -> list[tuple[AnyCoverage, Box]]:
    """Return canvas masks and their boxes moved by the map of `move_image`, nearest neighbour."""
    moved = []
    for mask, box, target in zip(masks, boxes, _moved_boxes(boxes, effects, size), strict=True):
        x, y = _sources(target, effects, size)
        left, top = np.float32(box[0]), np.float32(box[1])
        found = cv2.remap(mask.view(np.uint8), x - left, y - top, cv2.INTER_NEAREST, borderValue=0)
        moved.append((found.view(bool), target))
    return moved


@lru_cache(1)  # image and masks of a scene, one after the other
def _frame_sources(effects: tuple[Geometric, ...], size: Size) -> tuple[Grid, Grid]:
    return _mapped((0, 0, size[1], size[0]), effects, size)


def _sources(box: Box, effects: Sequence[Geometric], size: Size) -> tuple[Grid, Grid]:
    """Return pixel indices (middles at whole numbers) of the sources of all pixels of `box`."""
    x0, y0, x1, y1 = box
    if x0 < 0 or y0 < 0 or x1 > size[1] or y1 > size[0]:
        return _mapped(box, effects, size)
    x, y = _frame_sources(tuple(effects), size)
    return x[y0:y1, x0:x1], y[y0:y1, x0:x1]


def _mapped(box: Box, effects: Sequence[Geometric], size: Size) -> tuple[Grid, Grid]:
    x0, y0, x1, y1 = box
    # A row and a column to begin with: effects broadcast them, and the first pass is nearly free.
    x: Grid = np.arange(x0, x1, dtype=np.float32)[None] + np.float32(0.5)
    y: Grid = np.arange(y0, y1, dtype=np.float32)[:, None] + np.float32(0.5)
    for effect in reversed(effects):
        x, y = effect.source(x, y, size)
    shape = (y1 - y0, x1 - x0)
    return np.broadcast_to(x, shape) - np.float32(0.5), np.broadcast_to(y, shape) - np.float32(0.5)


def _moved_boxes(boxes: Sequence[Box], effects: Sequence[Geometric], size: Size) -> list[Box]:
    """Return boxes around the points whose sources lie in `boxes`, by inverting the map along their rims."""
    if not boxes:
        return []
    corners = np.array(boxes, dtype=np.float32)
    x0, y0, x1, y1 = (corners[:, k, None] for k in range(4))
    along = np.linspace(0, 1, RIM, dtype=np.float32)[None]
    wanted_x = np.concatenate([x0 + along * (x1 - x0)] * 2 + [np.repeat(x, RIM, axis=1) for x in (x0, x1)], axis=1)
    wanted_y = np.concatenate([np.repeat(y, RIM, axis=1) for y in (y0, y1)] + [y0 + along * (y1 - y0)] * 2, axis=1)
    x, y = wanted_x.copy(), wanted_y.copy()
    for _ in range(INVERSIONS):
        source_x, source_y = x, y
        for effect in reversed(effects):
            source_x, source_y = effect.source(source_x, source_y, size)
        miss_x, miss_y = wanted_x - source_x, wanted_y - source_y
        x, y = x + miss_x, y + miss_y
        if max(np.abs(miss_x).max(), np.abs(miss_y).max()) < ACCURACY:
            break
    low_x, low_y = np.floor(x.min(axis=1)).astype(int) - MARGIN, np.floor(y.min(axis=1)).astype(int) - MARGIN
    high_x, high_y = np.ceil(x.max(axis=1)).astype(int) + MARGIN, np.ceil(y.max(axis=1)).astype(int) + MARGIN
    return [tuple(map(int, box)) for box in zip(low_x, low_y, high_x, high_y, strict=True)]  # type: ignore[misc]
