"""What is no cutout of its own: decoys on the scene, occluders in front of targets.

Decoys are pieces of other scenes, as large and as placed as targets are. Occluders are parts of
harmless cutouts, bars and arms, laid across a target; what they hide is found out when rendering.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from synthgen.assets.catalog import Asset
from synthgen.core.types import Box, Size
from synthgen.ops.noise_fields import FIELD_SIDE
from synthgen.scene.dressing import Dresser
from synthgen.scene.footprint import Footprint
from synthgen.scene.placement import GRID, Setting, draw_footprint
from synthgen.scene.pose import Pose
from synthgen.scene.recipe import Recipe
from synthgen.scene.scene import Placement
from synthgen.scene.sources import Cutout, Outline, Patch, Shape, Source

__all__ = ["FIRST_DECOY", "FIRST_OCCLUDER", "draw_decoys", "draw_occluders"]

FIRST_DECOY, FIRST_OCCLUDER = 1000, 2000  # item numbers, clear of the objects'
BLOB_CORNERS = 24
FULL: Outline = ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0))
# A forearm from the right, narrowing to a wrist, ending in a fist.
ARM: Outline = (
    (1.0, 0.12), (0.42, 0.25), (0.33, 0.14), (0.18, 0.08), (0.06, 0.2), (0.0, 0.5),
    (0.05, 0.8), (0.17, 0.93), (0.32, 0.88), (0.42, 0.76), (1.0, 0.9),
)  # fmt: skip
SKINS = ((92, 62, 48), (141, 96, 72), (187, 136, 106), (222, 176, 146), (238, 200, 176))
SLEEVES = ((38, 42, 54), (70, 76, 84), (112, 40, 38), (52, 78, 58), (150, 144, 132))
BARS = ((48, 48, 50), (96, 98, 102), (150, 150, 148), (96, 68, 44), (190, 186, 178))


def draw_decoys(
    recipe: Recipe,
    targets: tuple[Asset, ...],
    scenes: tuple[Asset, ...],
    setting: Setting,
    dresser: Dresser,
    *,
    rng: np.random.Generator,
) -> list[Placement]:
    """Draw pieces of `scenes` with the sizes and places of targets; one that finds no place is left out."""
    placements = list[Placement]()
    if not recipe.decoys.count.max:
        return placements
    for number in range(recipe.decoys.count.draw(rng)):
        like = targets[int(rng.integers(len(targets)))]
        place = draw_footprint(recipe, like, setting, rng=rng)
        source_photo = scenes[int(rng.integers(len(scenes)))]
        silhouette = rng.random() < recipe.decoys.silhouettes
        outline = _outline_of(like) if silhouette else _blob(rng)
        enlargement = rng.uniform(0.7, 2.0)
        corner = rng.random(2)
        if place is None:
            continue
        scale = place.pose.scale
        size = (max(2, round(like.height * scale)), max(2, round(like.width * scale)))
        patch = Patch(source_photo.id, _crop(source_photo, size, enlargement, corner), size, outline)
        pose = replace(place.pose, scale=1.0)  # the patch is cut at the size that it will have
        placements.append(dresser.dress(patch, "patch", "decoy", pose, item=FIRST_DECOY + number))
    return placements


def draw_occluders(
    recipe: Recipe,
    targets: list[Footprint],
    harmless: tuple[Asset, ...],
    dresser: Dresser,
    *,
    rng: np.random.Generator,
) -> list[Placement]:
    """Lay something across some of the `targets`; without harmless cutouts, bars stand in for their parts."""
    placements: list[Placement] = []
    if not recipe.occluders.probability:
        return placements
    for number, target in enumerate(targets):
        covered = rng.random() < recipe.occluders.probability
        kind = recipe.occluders.kinds[int(rng.integers(len(recipe.occluders.kinds)))]
        width = recipe.occluders.size.draw(rng)
        place, turn, flip = rng.uniform(0.2, 0.8, 2), round(float(rng.uniform(-180, 180)), 3), bool(rng.integers(2))
        x0, y0, x1, y1 = target.bounds
        long_side = max(x1 - x0, y1 - y0)
        center = np.round((np.array([x0, y0]) + place * [x1 - x0, y1 - y0]) * GRID) / GRID
        if kind == "cutout" and harmless:
            source, scale = _part_of(harmless[int(rng.integers(len(harmless)))], 2 * width * long_side, rng)
        elif kind == "arm":
            source, scale = _arm(width * long_side, rng), 1.0
        else:
            source, scale = _bar(width * long_side, 2.2 * long_side, rng), 1.0
        if covered:
            pose = Pose(scale, turn, flip, (float(center[0]), float(center[1])))
            placements.append(dresser.dress(source, kind, "occluder", pose, item=FIRST_OCCLUDER + number))
    return placements


def _outline_of(asset: Asset) -> Outline:
    return tuple((round(x / asset.width, 4), round(y / asset.height, 4)) for x, y in asset.hull)


def _blob(rng: np.random.Generator) -> Outline:
    """A closed curve with three harmonics, within the unit square."""
    angles = np.arange(BLOB_CORNERS) * 2 * np.pi / BLOB_CORNERS
    radii = np.ones(BLOB_CORNERS)
    for harmonic in (2, 3, 4):
        radii += rng.uniform(0, 0.3) * np.cos(harmonic * angles + rng.uniform(0, 2 * np.pi))
    radii *= 0.5 / radii.max()
    return tuple(
        (round(float(0.5 + r * np.cos(a)), 4), round(float(0.5 + r * np.sin(a)), 4))
        for r, a in zip(radii, angles, strict=True)
    )


def _crop(photo: Asset, size: Size, enlargement: float, corner: np.ndarray) -> Box:
    height = min(photo.height, max(2, round(size[0] * enlargement)))
    width = min(photo.width, max(2, round(size[1] * enlargement)))
    y0, x0 = int(corner[0] * (photo.height - height)), int(corner[1] * (photo.width - width))
    return (x0, y0, x0 + width, y0 + height)


def _part_of(asset: Asset, length: float, rng: np.random.Generator) -> tuple[Source, float]:
    """Return half of a cutout or more, and the scale that makes it `length` pixels long."""
    share = rng.uniform(0.4, 0.8)
    width, height = max(1, round(asset.width * share)), max(1, round(asset.height * share))
    x0, y0 = int(rng.random() * (asset.width - width)), int(rng.random() * (asset.height - height))
    part = (x0, y0, x0 + width, y0 + height)
    return Cutout(asset.id, part), max(round(length / max(width, height), 6), 1e-4)


def _arm(width: float, rng: np.random.Generator) -> Source:
    palette = SKINS if rng.random() < 0.5 else SLEEVES
    size = (max(2, round(width)), max(4, round(3.5 * width)))
    return Shape(size, ARM, _tint(palette, rng), 0.45, round(float(rng.uniform(1, 4)), 2), _noise_place(rng))


def _bar(width: float, length: float, rng: np.random.Generator) -> Source:
    size = (max(2, round(width / 2)), max(4, round(length)))
    return Shape(size, FULL, _tint(BARS, rng), 0.5, round(float(rng.uniform(1, 5)), 2), _noise_place(rng))


def _tint(palette: tuple[tuple[int, int, int], ...], rng: np.random.Generator) -> tuple[int, int, int]:
    red, green, blue = np.clip(palette[int(rng.integers(len(palette)))] + rng.integers(-14, 15, 3), 0, 255)
    return (int(red), int(green), int(blue))


def _noise_place(rng: np.random.Generator) -> tuple[int, int]:
    x, y = rng.integers(FIELD_SIDE, size=2)
    return (int(x), int(y))
