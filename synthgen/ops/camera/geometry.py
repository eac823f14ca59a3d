"""Effects that move pixels: lens distortion and the skew of a rolling shutter.

Both are given as the source of a point, compose into one map, and take every point of the new
frame from within the old one, so nothing has to be made up at the edges.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from pydantic import field_validator

from synthgen.core.ranges import FloatRange
from synthgen.core.types import RGB, Box, Coverage, Size
from synthgen.ops.camera.effect import EffectRecipe, Geometric, Grid, within

__all__ = ["Distortion", "DistortionRecipe", "RollingShutter", "RollingShutterRecipe", "move_image", "move_mask"]

INVERSIONS = 16  # fixed-point steps; an error shrinks by a third at least in each, and boxes have a margin


@dataclass(frozen=True, slots=True)
class Distortion:
    """Radial distortion: source radius = r (1 + k r²), r = 1 at the corners (Brown 1966); k > 0 is barrel."""

    k: float

    def source(self, x: Grid, y: Grid, size: Size) -> tuple[Grid, Grid]:
        """Return the sources of points; beyond the corners the map goes on linearly."""
        middle_x, middle_y = size[1] / 2, size[0] / 2
        dx, dy = x - np.float32(middle_x), y - np.float32(middle_y)
        square = np.minimum((dx * dx + dy * dy) / np.float32(middle_x**2 + middle_y**2), np.float32(1))
        factor = (1 + np.float32(self.k) * square) / np.float32(1 + max(self.k, 0))
        return middle_x + dx * factor, middle_y + dy * factor


@dataclass(frozen=True, slots=True)
class RollingShutter:
    """Rows read one after the other: the bottom is `skew` frame widths ahead of the top (Meingast et al. 2005)."""

    skew: float

    def source(self, x: Grid, y: Grid, size: Size) -> tuple[Grid, Grid]:
        """Return the sources of points."""
        height, width = size
        squeeze = 1 - abs(self.skew)
        ahead = self.skew * width * np.clip(y / np.float32(height) - np.float32(0.5), -0.5, 0.5)
        return (width / 2 + (x - np.float32(width / 2)) * np.float32(squeeze) + ahead).astype(np.float32), y


class DistortionRecipe(EffectRecipe):
    """Strength at the corners, −0.3–0.5; positive is barrel."""

    k: FloatRange = FloatRange(min=0.0, max=0.2)

    @field_validator("k")
    @classmethod
    def _sensible(cls, k: FloatRange) -> FloatRange:
        return within(k, -0.3, 0.5)

    def draw(self, rng: np.random.Generator) -> Distortion:
        """Draw one lens."""
        return Distortion(round(self.k.draw(rng), 4))


class RollingShutterRecipe(EffectRecipe):
    """Skew from top to bottom as a share of the frame's width, −0.5–0.5."""

    skew: FloatRange = FloatRange(min=-0.03, max=0.03)

    @field_validator("skew")
    @classmethod
    def _sensible(cls, skew: FloatRange) -> FloatRange:
        return within(skew, -0.5, 0.5)

    def draw(self, rng: np.random.Generator) -> RollingShutter:
        """Draw one skew."""
        return RollingShutter(round(self.skew.draw(rng), 5))


def move_image(image: RGB, effects: Sequence[Geometric]) -> RGB:
    """Return `image` moved by all effects at once, bilinear."""
    height, width = image.shape[:2]
    x, y = _sources((0, 0, width, height), effects, (height, width))
    return cv2.remap(image, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)


def move_mask(mask: Coverage, box: Box, effects: Sequence[Geometric], size: Size) -> tuple[Coverage, Box]:
    """Return a canvas mask and its box moved by the map of `move_image`, nearest neighbour."""
    moved = _moved_box(box, effects, size)
    x, y = _sources(moved, effects, size)
    found = cv2.remap(
        mask.view(np.uint8), x - np.float32(box[0]), y - np.float32(box[1]), cv2.INTER_NEAREST, borderValue=0
    )
    return found.astype(bool), moved


def _sources(box: Box, effects: Sequence[Geometric], size: Size) -> tuple[Grid, Grid]:
    """Return pixel indices (middles at whole numbers) of the sources of all pixels of `box`."""
    x, y = _middles(box)
    for effect in reversed(effects):
        x, y = effect.source(x, y, size)
    return x - np.float32(0.5), y - np.float32(0.5)


def _middles(box: Box) -> tuple[Grid, Grid]:
    """Return (x, y) of the middles of all pixels of `box`."""
    x0, y0, x1, y1 = box
    columns, rows = (np.arange(low, high, dtype=np.float32) + np.float32(0.5) for low, high in ((x0, x1), (y0, y1)))
    x, y = np.meshgrid(columns, rows)
    return x, y


def _moved_box(box: Box, effects: Sequence[Geometric], size: Size) -> Box:
    """Return a box around the points whose sources lie in `box`."""
    x0, y0, x1, y1 = box
    along = np.linspace(0, 1, 17, dtype=np.float32)
    edge_x = np.concatenate([x0 + along * (x1 - x0)] * 2 + [np.full(17, x0), np.full(17, x1)]).astype(np.float32)
    edge_y = np.concatenate([np.full(17, y0), np.full(17, y1)] + [y0 + along * (y1 - y0)] * 2).astype(np.float32)
    x, y = edge_x[None].copy(), edge_y[None].copy()
    for _ in range(INVERSIONS):
        source_x, source_y = x, y
        for effect in reversed(effects):
            source_x, source_y = effect.source(source_x, source_y, size)
        x, y = x + (edge_x - source_x), y + (edge_y - source_y)
    return (int(x.min()) - 2, int(y.min()) - 2, int(np.ceil(x.max())) + 2, int(np.ceil(y.max())) + 2)
