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
from synthgen.core.geometry import apply_affine, rotation_scale_flip
from synthgen.core.types import Size
from synthgen.scene.recipe import Recipe, ScaleRecipe, TruncationRecipe

__all__ = ["Pose", "draw_pose", "fits"]

GRID = 64  # centres lie on 1/64 px, so that shifting by whole pixels is exact in floating point


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
    hull: Float64[np.ndarray, "n 2"]

    @cached_property
    def area(self) -> float:
        """Area of the hull in square pixels."""
        return float(cv2.contourArea(self.hull.astype(np.float32)))

    def overlap(self, other: Float64[np.ndarray, "n 2"]) -> float:
        """Area shared with another convex polygon, in square pixels."""
        area, _ = cv2.intersectConvexConvex(self.hull.astype(np.float32), other.astype(np.float32))
        return float(area)


def draw_pose(recipe: Recipe, asset: Asset, size: Size, *, rng: np.random.Generator) -> Pose | None:
    """Draw scale, turn and position; None if an object of that size has no place in the frame."""
    length = _draw_length(recipe.scale, asset, size, rng=rng)
    scale = round(length / max(asset.height, asset.width), 6)
    rotation = round(recipe.rotation.draw(rng), 3)
    flip = bool(rng.random() < recipe.flip)
    middle = np.array([asset.width / 2, asset.height / 2])
    shape = apply_affine(rotation_scale_flip(rotation, scale, flip), np.zeros(2), np.array(asset.hull) - middle)
    center = _draw_center(recipe.truncation, shape, size, rng=rng)
    if center is None:
        return None
    return Pose(scale, rotation, flip, center, shape + np.array(center))


def fits(pose: Pose, below: list[Pose], size: Size, min_visibility: float) -> bool:
    """Tell whether `pose`, laid above `below`, leaves itself and each of them visible enough.

    A hull's visible share is its part within the frame minus its overlap with every hull above it.
    Overlaps are added up as if disjoint, so the estimate errs on the side of visibility.
    """
    return _visible_share(pose, [], size) >= min_visibility and all(
        _visible_share(lower, [*below[position + 1 :], pose], size) >= min_visibility
        for position, lower in enumerate(below)
    )


def _visible_share(pose: Pose, above: list[Pose], size: Size) -> float:
    height, width = size
    frame = np.array([[0, 0], [width, 0], [width, height], [0, height]], dtype=np.float64)
    hidden = sum(pose.overlap(other.hull) for other in above)
    return (pose.overlap(frame) - hidden) / max(pose.area, 1e-9)


def _draw_length(scale: ScaleRecipe, asset: Asset, size: Size, *, rng: np.random.Generator) -> float:
    drawn = scale.draw(rng)
    if scale.pixels_per_metre is None:
        return drawn * size[0]
    metres = drawn if asset.length_m is None else asset.length_m
    return metres * scale.pixels_per_metre.draw(rng)


def _draw_center(
    truncation: TruncationRecipe, shape: Float64[np.ndarray, "n 2"], size: Size, *, rng: np.random.Generator
) -> tuple[float, float] | None:
    low = -shape.min(axis=0)
    high = np.array([size[1], size[0]]) - shape.max(axis=0)
    truncated = rng.random() < truncation.probability
    axis, upper, beyond, free = rng.integers(2), rng.integers(2), rng.uniform(0, truncation.max), rng.random(2)
    if truncated:
        extent = float(np.ptp(shape, axis=0)[axis])
        low[axis] = high[axis] = high[axis] + beyond * extent if upper else low[axis] - beyond * extent
    if bool((low > high).any()):
        return None
    center = np.round((low + free * (high - low)) * GRID) / GRID
    return (float(center[0]), float(center[1]))
