"""Decoys: pieces of other scenes, as large and as placed as targets are, so that "pasted" does not mean "target"."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from synthgen.assets.catalog import Asset
from synthgen.core.types import Box, Size
from synthgen.scene.dressing import Dresser
from synthgen.scene.placement import Setting, draw_footprint
from synthgen.scene.recipe import Recipe
from synthgen.scene.scene import Placement
from synthgen.scene.sources import Outline, Patch

__all__ = ["FIRST_DECOY", "draw_decoys"]

FIRST_DECOY = 1000  # item numbers, clear of those of the objects and of the occluders
BLOB_CORNERS = 24


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
        photo = scenes[int(rng.integers(len(scenes)))]
        outline = _outline_of(like) if rng.random() < recipe.decoys.silhouettes else _blob(rng)
        enlargement, corner = rng.uniform(0.7, 2.0), rng.random(2)
        if place is not None:
            size = (max(2, round(like.height * place.pose.scale)), max(2, round(like.width * place.pose.scale)))
            patch = Patch(photo.id, _crop(photo, size, enlargement, corner), size, outline)
            pose = replace(place.pose, scale=1.0)  # the patch is cut at the size that it will have
            placements.append(dresser.dress(patch, patch.size, "patch", "decoy", pose, item=FIRST_DECOY + number))
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
