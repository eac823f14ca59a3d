"""Occluders: parts of harmless cutouts, bars and arms that lie across targets, hands and arms that hold them.

The plan does not know what an occluder hides; rendering finds it out.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np

from synthgen.assets.catalog import Asset
from synthgen.core.types import Size
from synthgen.ops.noise_fields import FIELD_SIDE
from synthgen.scene.dressing import Dresser
from synthgen.scene.footprint import Footprint
from synthgen.scene.hands import SKINS, SLEEVES, Grasp, draw_hand, grasp_of, reach, tint
from synthgen.scene.placement import GRID
from synthgen.scene.pose import Pose
from synthgen.scene.recipe import Recipe
from synthgen.scene.scene import Placement
from synthgen.scene.sources import Cutout, Outline, Shape, Source

__all__ = ["FIRST_OCCLUDER", "Occluder", "draw_occluders"]

FIRST_OCCLUDER = 2000  # item numbers, clear of those of the objects and of the decoys
FULL: Outline = ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0))
# A forearm from the right, narrowing to a wrist, ending in a fist.
ARM: Outline = (
    (1.0, 0.12), (0.42, 0.25), (0.33, 0.14), (0.18, 0.08), (0.06, 0.2), (0.0, 0.5),
    (0.05, 0.8), (0.17, 0.93), (0.32, 0.88), (0.42, 0.76), (1.0, 0.9),
)  # fmt: skip
HOLDING = ("arm", "hand")
AIM = 25.0  # degrees that an arm at a grip leaves the line from the target's middle, at most
BARS = ((48, 48, 50), (96, 98, 102), (150, 150, 148), (96, 68, 44), (190, 186, 178))


@dataclass(frozen=True, slots=True)
class Occluder:
    """Something that lies across a target.

    Attributes:
        placement: As it is laid down.
        extent: (height, width) of its source in its own pixels.
        target: Number of the target among those that were given.
        holds: It holds the target by its grip.
    """

    placement: Placement
    extent: Size
    target: int
    holds: bool


def draw_occluders(
    recipe: Recipe,
    targets: list[tuple[Asset, Footprint]],
    harmless: tuple[Asset, ...],
    dresser: Dresser,
    size: Size,
    *,
    rng: np.random.Generator,
) -> list[Occluder]:
    """Lay something across some of the `targets`; without harmless cutouts, bars stand in for their parts.

    Where a target's cutout has a grip, hands and arms hold it there and lead out of the frame of `size`, in a sequence
    by the frame's diagonal, so that they do wherever the target goes; elsewhere they lie at a point that is drawn.
    """
    occluders = list[Occluder]()
    if not recipe.occluders.probability:
        return occluders
    longer = 0.0 if recipe.sequence is None else math.hypot(*size)
    for number, (asset, target) in enumerate(targets):
        covered = rng.random() < recipe.occluders.probability
        kind = recipe.occluders.kinds[int(rng.integers(len(recipe.occluders.kinds)))]
        width = recipe.occluders.size.draw(rng)
        place, turn, flip = rng.uniform(0.2, 0.8, 2), round(float(rng.uniform(-180, 180)), 3), bool(rng.integers(2))
        spot = Pose(1.0, turn, flip, _within(target, place), target.pose.stretch)
        source, pose = _draw_occluder(kind, width, spot, (asset, target), harmless, size, longer, rng)
        if covered:
            extent, holds = _extent(source), kind in HOLDING and asset.grip is not None
            placement = dresser.dress(source, extent, kind, "occluder", pose, item=FIRST_OCCLUDER + number)
            occluders.append(Occluder(placement, extent, number, holds))
    return occluders


def _draw_occluder(
    kind: str,
    width: float,
    spot: Pose,
    held: tuple[Asset, Footprint],
    harmless: tuple[Asset, ...],
    size: Size,
    longer: float,
    rng: np.random.Generator,
) -> tuple[Source, Pose]:
    """Draw something whose width is a share of the target's long side, and its pose: at `spot`, or at the grip."""
    asset, target = held
    grasp = grasp_of(asset, target)
    if kind == "hand":
        free = Grasp(spot.center, spot.rotation, spot.flip)
        return draw_hand(grasp or free, width * _long_side(target), size, rng, longer)
    source, scale = _draw_source(kind, width, target, harmless, rng)
    if kind == "arm" and grasp is not None and isinstance(source, Shape):
        return reach(source, grasp, size, spot.rotation * AIM / 180, longer)
    return source, replace(spot, scale=scale)


def _extent(source: Source) -> Size:
    """Return (height, width) of a source in its own pixels."""
    if not isinstance(source, Cutout):
        return source.size
    assert source.part is not None, "occluders are parts of cutouts"
    x0, y0, x1, y1 = source.part
    return (y1 - y0, x1 - x0)


def _long_side(target: Footprint) -> float:
    x0, y0, x1, y1 = target.bounds
    return max(x1 - x0, y1 - y0)


def _within(target: Footprint, place: np.ndarray) -> tuple[float, float]:
    """Return the point at the fractions `place` of the target's box."""
    x0, y0, x1, y1 = target.bounds
    x, y = (np.round((np.array([x0, y0]) + place * [x1 - x0, y1 - y0]) * GRID) / GRID).tolist()
    return (x, y)


def _draw_source(
    kind: str, width: float, target: Footprint, harmless: tuple[Asset, ...], rng: np.random.Generator
) -> tuple[Source, float]:
    """Draw something whose width is a share of the target's long side; return it with its scale."""
    long_side = _long_side(target)
    if kind == "cutout" and harmless:
        return _part_of(harmless[int(rng.integers(len(harmless)))], 2 * width * long_side, rng)
    if kind == "arm":
        return _arm(width * long_side, rng), 1.0
    return _bar(width * long_side, 2.2 * long_side, rng), 1.0


def _part_of(asset: Asset, length: float, rng: np.random.Generator) -> tuple[Source, float]:
    """Return a part of a cutout, 0.4–0.8 of each side, and the scale that makes it `length` pixels long."""
    share = rng.uniform(0.4, 0.8)
    width, height = max(1, round(asset.width * share)), max(1, round(asset.height * share))
    x0, y0 = int(rng.random() * (asset.width - width)), int(rng.random() * (asset.height - height))
    part = (x0, y0, x0 + width, y0 + height)
    return Cutout(asset.id, part), max(round(length / max(width, height), 6), 1e-4)


def _arm(width: float, rng: np.random.Generator) -> Source:
    palette = SKINS if rng.random() < 0.5 else SLEEVES
    size = (max(2, round(width)), max(4, round(3.5 * width)))
    return Shape(size, ARM, tint(palette, rng), 0.45, round(float(rng.uniform(1, 4)), 2), _noise_place(rng))


def _bar(width: float, length: float, rng: np.random.Generator) -> Source:
    size = (max(2, round(width / 2)), max(4, round(length)))
    return Shape(size, FULL, tint(BARS, rng), 0.5, round(float(rng.uniform(1, 5)), 2), _noise_place(rng))


def _noise_place(rng: np.random.Generator) -> tuple[int, int]:
    x, y = rng.integers(FIELD_SIDE, size=2)
    return (int(x), int(y))
