"""Where an object goes: size, turn and position against the frame and what lies there already.

Extents and overlaps are computed on convex hulls: the plan sees no pixel (law 2).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import cv2
import numpy as np
from jaxtyping import Float64

from synthgen.assets.catalog import Asset
from synthgen.core.geometry import bounds, rotation_scale_flip
from synthgen.core.types import Size
from synthgen.scene.recipe import Recipe, TruncationRecipe
from synthgen.scene.scale import View

__all__ = ["GRID", "Pose", "Setting", "draw_pose", "fits"]

GRID = 64  # centres lie on 1/64 px, so that shifting by whole pixels is exact in floating point
Polygon = Float64[np.ndarray, "n 2"]


@dataclass(frozen=True)
class Setting:
    """What a scene offers to objects.

    Attributes:
        size: (height, width) of the frame.
        view: The camera, where scale depends on it.
        zone: Where objects may lie: bool over the frame, of any resolution; None for anywhere.
    """

    size: Size
    view: View | None = None
    zone: np.ndarray | None = None

    def admits(self, center: tuple[float, float]) -> bool:
        """Tell whether an object may have its middle at (x, y); beyond the frame, the nearest edge decides."""
        if self.zone is None:
            return True
        rows, columns = self.zone.shape
        row = min(max(int(center[1] / self.size[0] * rows), 0), rows - 1)
        column = min(max(int(center[0] / self.size[1] * columns), 0), columns - 1)
        return bool(self.zone[row, column])


@dataclass(frozen=True)
class Pose:
    """An object's place in the frame, with its hull there.

    Attributes:
        scale: Output pixels per cutout pixel.
        rotation: Degrees, counter-clockwise.
        flip: Mirrored before turning.
        center: (x, y) of the cutout's middle, frame pixels.
        hull: Vertices (x, y) of the convex hull in the frame's coordinates.
    """

    scale: float
    rotation: float
    flip: bool
    center: tuple[float, float]
    hull: Polygon

    @cached_property
    def polygon(self) -> np.ndarray:
        """The hull as OpenCV wants it, float32."""
        return self.hull.astype(np.float32)

    @cached_property
    def area(self) -> float:
        """Area of the hull in square pixels."""
        return float(cv2.contourArea(self.polygon))

    @cached_property
    def bounds(self) -> tuple[float, float, float, float]:
        """(x0, y0, x1, y1) of the hull."""
        return bounds(self.hull)

    def overlap(self, other: Pose) -> float:
        """Area shared with another hull, in square pixels."""
        here, there = self.bounds, other.bounds
        if here[0] >= there[2] or there[0] >= here[2] or here[1] >= there[3] or there[1] >= here[3]:
            return 0.0
        area, _ = cv2.intersectConvexConvex(self.polygon, other.polygon)
        return float(area)

    def inside(self, size: Size) -> float:
        """Area within the frame, in square pixels."""
        x0, y0, x1, y1 = self.bounds
        if x0 >= 0 and y0 >= 0 and x1 <= size[1] and y1 <= size[0]:
            return self.area
        height, width = size
        frame = np.array([[0, 0], [width, 0], [width, height], [0, height]], dtype=np.float32)
        area, _ = cv2.intersectConvexConvex(self.polygon, frame)
        return float(area)


def draw_pose(recipe: Recipe, asset: Asset, setting: Setting, *, rng: np.random.Generator) -> Pose | None:
    """Draw scale, turn and position; None if an object of that size has no place there."""
    rotation = round(recipe.rotation.draw(rng), 3)
    flip = bool(rng.random() < recipe.flip)
    fraction = recipe.position.draw(rng)
    length = recipe.scale.draw_length(asset, setting.size, setting.view, float(fraction[1] * setting.size[0]), rng=rng)
    if length is None:
        return None
    scale = max(round(length / max(asset.height, asset.width), 6), 1e-6)
    shape = asset.outline @ rotation_scale_flip(rotation, scale, flip).T
    center = _draw_center(recipe.truncation, shape, setting, fraction, rng=rng)
    if center is None or not setting.admits(center):
        return None
    return Pose(scale, rotation, flip, center, shape + np.array(center))


def fits(pose: Pose, below: list[Pose], size: Size, recipe: Recipe) -> bool:
    """Tell whether `pose`, laid above `below`, leaves itself and each of them visible enough.

    A hull's visible share is its part within the frame minus its overlap with every hull above it.
    Overlaps are added up as if disjoint, so the estimate errs on the side of visibility.
    """
    if pose.inside(size) < max(recipe.min_area, recipe.min_visibility * pose.area):
        return False
    for position, lower in enumerate(below):
        shared = pose.overlap(lower)
        if shared > recipe.max_overlap * min(pose.area, lower.area):
            return False
        if shared > 0:
            hidden = shared + sum(upper.overlap(lower) for upper in below[position + 1 :])
            if lower.inside(size) - hidden < recipe.min_visibility * lower.area:
                return False
    return True


def _draw_center(
    truncation: TruncationRecipe, shape: Polygon, setting: Setting, fraction: np.ndarray, *, rng: np.random.Generator
) -> tuple[float, float] | None:
    """Place the middle; with a camera view the row is given, as the scale was drawn for it."""
    height, width = setting.size
    x0, y0, x1, y1 = bounds(shape)
    low, high = [-x0, -y0], [width - x1, height - y1]
    truncated = rng.random() < truncation.probability
    axis, upper, beyond = rng.integers(2), rng.integers(2), rng.uniform(0, truncation.max)
    if truncated:
        extent = (x1 - x0, y1 - y0)[axis]
        low[axis] = high[axis] = high[axis] + beyond * extent if upper else low[axis] - beyond * extent
    if setting.view is not None and not (truncated and axis == 1):
        row = float(fraction[1]) * height
        if not low[1] <= row <= high[1]:
            return None
        low[1] = high[1] = row
    if low[0] > high[0] or low[1] > high[1]:
        return None
    x, y = (
        round((start + share * (end - start)) * GRID) / GRID
        for start, end, share in zip(low, high, fraction.tolist(), strict=True)
    )
    return (x, y)
