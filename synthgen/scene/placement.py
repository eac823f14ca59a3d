"""Where an object goes: size, turn and position against the frame and what lies there already.

Extents and overlaps are computed on convex hulls: the plan sees no pixel (law 2).
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from jaxtyping import Float64

from synthgen.assets.catalog import Asset
from synthgen.core.geometry import bounds
from synthgen.core.types import Size
from synthgen.scene.footprint import Footprint
from synthgen.scene.pose import Pose
from synthgen.scene.recipe import Recipe, TruncationRecipe
from synthgen.scene.scale import View

__all__ = ["GRID", "OUTWARDS", "Setting", "draw_footprint", "fits"]

GRID = 64  # centres lie on 1/64 px, so that shifting by whole pixels is exact in floating point
LONGEST = 4  # long sides of the frame: of what is longer, pixels would be drawn that nobody sees, without end
BEYOND = 3.0  # pixels that a cut side lies beyond the frame's edge, so that no blend fades it within
OUTWARDS = {"l": (-1.0, 0.0), "r": (1.0, 0.0), "t": (0.0, -1.0), "b": (0.0, 1.0)}  # directions, x and y
Polygon = Float64[np.ndarray, "n 2"]


@dataclass(frozen=True)
class Setting:
    """What a scene offers to objects.

    Attributes:
        size: (height, width) of the frame.
        view: The camera, where scale depends on it.
        zone: Where objects may lie: bool over the frame, of any resolution; None for anywhere.
        stretch: Width-to-height factor of the whole picture.
    """

    size: Size
    view: View | None = None
    zone: np.ndarray | None = None
    stretch: float = 1.0

    def admits(self, center: tuple[float, float]) -> bool:
        """Tell whether an object may have its middle at (x, y); beyond the frame, the nearest edge decides."""
        if self.zone is None:
            return True
        rows, columns = self.zone.shape
        row = min(max(int(center[1] / self.size[0] * rows), 0), rows - 1)
        column = min(max(int(center[0] / self.size[1] * columns), 0), columns - 1)
        return bool(self.zone[row, column])


def draw_footprint(
    recipe: Recipe, asset: Asset, setting: Setting, skew: tuple[float, float] = (1.0, 0.0), *, rng: np.random.Generator
) -> Footprint | None:
    """Draw scale, turn and position of an object with the aspect and shear `skew`.

    An object that is cut off is turned by the nearest quarter instead, keeps its shape, and lies at the frame's edge.

    None if what was drawn is above the horizon, outside the zone or too long.
    """
    rotation = round(recipe.rotation.draw(rng), 3)
    flip = bool(rng.random() < recipe.flip)
    fraction = recipe.position.draw(rng)
    length = recipe.scale.draw_length(asset, setting.size, setting.view, float(fraction[1] * setting.size[0]), rng=rng)
    if length is None or length > LONGEST * max(setting.size):
        return None
    scale = max(round(length / max(asset.height, asset.width), 6), 1e-6)
    if asset.cut:
        return _at_edge(asset, Pose(scale, _quarter(rotation), flip, (0.0, 0.0), setting.stretch), setting, fraction)
    pose = Pose(scale, rotation, flip, (0.0, 0.0), setting.stretch, *skew)
    shape = asset.outline @ pose.linear.T
    if recipe.position.kind == "anywhere":
        center: tuple[float, float] | None = _center_box(shape, setting.size, fraction)
    else:
        center = _draw_center(recipe.truncation, shape, setting, fraction, rng=rng)
    if center is None or not setting.admits(center):
        return None
    return Footprint(replace(pose, center=center), shape + np.array(center))


def _quarter(degrees: float) -> float:
    """Return the nearest of the turns after which straight sides lie along the frame's."""
    return float(90 * round(degrees / 90))


def _at_edge(asset: Asset, pose: Pose, setting: Setting, fraction: np.ndarray) -> Footprint | None:
    """Place a cutout whose object is cut off: its cut sides a little beyond the frame's edge, the rest as drawn."""
    height, width = setting.size
    shape = asset.outline @ pose.linear.T
    x0, y0, x1, y1 = bounds(shape)
    x, y = fraction[0] * (width - x1 + x0) - x0, fraction[1] * (height - y1 + y0) - y0
    if setting.view is not None:
        y = fraction[1] * height
    for side in asset.cut:
        across, down = (pose.linear @ OUTWARDS[side]).tolist()
        if abs(across) > abs(down):
            x = width - x1 + BEYOND if across > 0 else -x0 - BEYOND
        else:
            y = height - y1 + BEYOND if down > 0 else -y0 - BEYOND
    center = _on_grid(float(x), float(y))
    if not setting.admits(center):
        return None
    return Footprint(replace(pose, center=center), shape + np.array(center))


def fits(upper: Footprint, below: list[Footprint], size: Size, recipe: Recipe) -> bool:
    """Tell whether an object laid above those `below` leaves itself and each of them visible enough.

    A hull's visible share is its part within the frame minus its overlap with every hull above it.
    Overlaps are added up as if disjoint, so the estimate errs on the side of visibility.
    """
    if upper.inside(size) < max(recipe.min_area, recipe.min_visibility * upper.area):
        return False
    for position, lower in enumerate(below):
        shared = upper.overlap(lower)
        if shared > recipe.max_overlap * min(upper.area, lower.area):
            return False
        if shared > 0:
            hidden = shared + sum(between.overlap(lower) for between in below[position + 1 :])
            if lower.inside(size) - hidden < recipe.min_visibility * lower.area:
                return False
    return True


def _center_box(shape: Polygon, size: Size, fraction: np.ndarray) -> tuple[float, float]:
    """Place the middle so that the bounding box has its own at the fractions (x, y) of the frame."""
    x0, y0, x1, y1 = bounds(shape)
    x, y = fraction.tolist()
    return _on_grid(x * size[1] - (x0 + x1) / 2, y * size[0] - (y0 + y1) / 2)


def _on_grid(x: float, y: float) -> tuple[float, float]:
    return (round(x * GRID) / GRID, round(y * GRID) / GRID)


def _draw_center(
    truncation: TruncationRecipe, shape: Polygon, setting: Setting, fraction: np.ndarray, *, rng: np.random.Generator
) -> tuple[float, float] | None:
    """Place the middle; with a camera view the row is given, as the scale was drawn for it.

    Between `low` and `high` the object lies within the frame or, where it is larger than that, spans it.
    """
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
        if not min(low[1], high[1]) <= row <= max(low[1], high[1]):
            return None
        low[1] = high[1] = row
    x, y = (start + share * (end - start) for start, end, share in zip(low, high, fraction.tolist(), strict=True))
    return _on_grid(x, y)
