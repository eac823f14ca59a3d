"""`plan_scene`: recipe, assets, seed, split and index in; a `Scene` out. Pure and seeded (laws 1, 2)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from synthgen.assets.catalog import Asset, Catalog
from synthgen.assets.splits import SplitShares
from synthgen.core.errors import AssetError, PlacementError
from synthgen.core.seeding import Stage, rng_for
from synthgen.core.types import Size, Split
from synthgen.scene.placement import Pose, draw_pose, fits
from synthgen.scene.recipe import BackgroundRecipe, Recipe
from synthgen.scene.scene import Backdrop, Placement, Scene

__all__ = ["Cast", "plan_scene"]


@dataclass(frozen=True, slots=True)
class Cast:
    """The assets that one split may use (law 4)."""

    split: Split
    targets: tuple[Asset, ...]
    distractors: tuple[Asset, ...]
    scenes: tuple[Asset, ...]

    @classmethod
    def of(cls, catalog: Catalog, split: Split, shares: SplitShares) -> Cast:
        """Pick the split's assets.

        Raises:
            AssetError: The split has no target or no background.
        """
        cast = cls(
            split,
            catalog.targets(split, shares),
            catalog.distractors(split, shares),
            catalog.scenes(split, shares),
        )
        for noun, assets in (("target cutout", cast.targets), ("background", cast.scenes)):
            if not assets:
                raise AssetError(
                    f"split {split!r} has no {noun}: groups are dealt to splits by hash, and none fell to it; "
                    f"add assets, raise assets.splits.{split}, or set samples.{split} to 0 (without catalog.csv, files "
                    f"numbered alike, such as gun_1 and gun_2, are one group)"
                )
        return cast


def plan_scene(recipe: Recipe, cast: Cast, *, size: Size, seed: int, index: int) -> Scene:
    """Draw scene `index` of the cast's split.

    Raises:
        PlacementError: Fewer than `recipe.instances.min` targets could be placed.
    """
    backdrop = _draw_backdrop(recipe.background, cast, size, rng=rng_for(seed, cast.split, index, Stage.BACKGROUND))
    objects, needed = _draw_objects(recipe, cast, rng=rng_for(seed, cast.split, index, Stage.CONTENT))
    placements: list[Placement] = []
    poses: list[Pose] = []
    for item, asset in enumerate(objects):
        pose = _find_pose(recipe, asset, poses, size, rng=rng_for(seed, cast.split, index, Stage.PLACEMENT, item))
        if pose is None:
            continue
        blend = recipe.blend.draw(rng_for(seed, cast.split, index, Stage.BLEND, item))
        poses.append(pose)
        placements.append(
            Placement(asset.id, asset.category, asset.role, pose.scale, pose.rotation, pose.flip, pose.center, blend)
        )
    placed = sum(placement.role == "target" for placement in placements)
    if placed < needed:
        raise PlacementError(
            f"sample {cast.split}[{index}]: {placed} of at least {needed} targets could be placed in "
            f"{recipe.max_tries} tries each; lower recipe.scale.max, recipe.instances or recipe.min_visibility, "
            f"or raise recipe.max_tries"
        )
    return Scene(cast.split, index, size, backdrop, tuple(placements))


def _draw_backdrop(recipe: BackgroundRecipe, cast: Cast, size: Size, *, rng: np.random.Generator) -> Backdrop:
    asset = cast.scenes[int(rng.integers(len(cast.scenes)))]
    largest = min(asset.height / size[0], asset.width / size[1]) * recipe.crop.draw(rng)
    height = max(1, min(asset.height, round(size[0] * largest)))
    width = max(1, min(asset.width, round(size[1] * largest)))
    y0 = int(rng.integers(asset.height - height + 1))
    x0 = int(rng.integers(asset.width - width + 1))
    return Backdrop(asset.id, (x0, y0, x0 + width, y0 + height), bool(rng.random() < recipe.flip))


def _draw_objects(recipe: Recipe, cast: Cast, *, rng: np.random.Generator) -> tuple[list[Asset], int]:
    """Return the objects bottom to top, and how many targets the scene must hold."""
    negative = bool(rng.random() < recipe.negatives)
    targets = 0 if negative else recipe.instances.draw(rng)
    distractors = recipe.distractors.draw(rng) if cast.distractors else 0
    chosen = [cast.targets[int(rng.integers(len(cast.targets)))] for _ in range(targets)]
    chosen += [cast.distractors[int(rng.integers(len(cast.distractors)))] for _ in range(distractors)]
    order = rng.permutation(len(chosen))
    return [chosen[position] for position in order], min(recipe.instances.min, targets)


def _find_pose(
    recipe: Recipe, asset: Asset, placed: list[Pose], size: Size, *, rng: np.random.Generator
) -> Pose | None:
    for _ in range(recipe.max_tries):
        pose = draw_pose(recipe, asset, size, rng=rng)
        if pose is not None and fits(pose, placed, size, recipe.min_visibility):
            return pose
    return None
