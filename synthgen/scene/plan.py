"""`plan_scene`: recipe, assets, seed, split and index in; a `Scene` out. Pure and seeded (laws 1, 2)."""

from __future__ import annotations

import json
from bisect import bisect_right
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import lru_cache, partial
from itertools import accumulate
from typing import Generic, TypeVar

import numpy as np

from synthgen.assets.cast import Cast
from synthgen.assets.catalog import Asset
from synthgen.core.errors import PlacementError
from synthgen.core.seeding import Stage, rng_for
from synthgen.core.types import Part, Size
from synthgen.ops.augmentation import Augmentation
from synthgen.ops.shadow.registry import Shadow
from synthgen.scene.backdrop import Backdrop, Ground
from synthgen.scene.decoys import draw_decoys
from synthgen.scene.dressing import Dresser
from synthgen.scene.footprint import Footprint
from synthgen.scene.occluders import Occluder, draw_occluders
from synthgen.scene.placement import Setting, draw_footprint, fits
from synthgen.scene.pose import Pose
from synthgen.scene.recipe import BackgroundRecipe, Recipe
from synthgen.scene.scene import Placement, Scene
from synthgen.scene.sequence import Mover, Photo, Shot, draw_shot
from synthgen.scene.sources import Cutout, Patch

__all__ = ["plan_scene"]

T = TypeVar("T")


def plan_scene(recipe: Recipe, cast: Cast, *, size: Size, seed: int, index: int) -> Scene:
    """Draw sample `index` of the cast's split.

    With paired blends, K samples in a row show one scene; with sequences, F samples in a row are frames of one.

    Raises:
        PlacementError: Fewer than `recipe.instances.min` targets could be placed.
    """
    if recipe.sequence is None:
        number, variant = divmod(index, recipe.blend.paired)
        return _draw(recipe, cast, size, seed, index, number, variant).scene
    number, frame = divmod(index, recipe.sequence.frames)
    return _shot(_Same(recipe), _Same(cast), size, seed, number).frame(frame, index=index)


class _Same(Generic[T]):
    """Something that is equal to itself alone, for caches: to compare recipes and casts by value would take long."""

    def __init__(self, value: T) -> None:
        self.value = value

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Same) and other.value is self.value

    def __hash__(self) -> int:
        return id(self.value)


@lru_cache(2)  # frames of a sequence are asked for one after the other
def _shot(recipe: _Same[Recipe], cast: _Same[Cast], size: Size, seed: int, number: int) -> Shot:
    sequence = recipe.value.sequence
    assert sequence is not None, "asked for frames"
    drawn = _draw(recipe.value, cast.value, size, seed, number * sequence.frames, number, 0)
    clip = _clip(cast.value, drawn.photo) if sequence.clips and drawn.photo else ()
    photo = None if drawn.photo is None else Photo((drawn.photo.height, drawn.photo.width), clip)
    rng = partial(rng_for, seed, cast.value.split, number)
    return draw_shot(drawn.scene, drawn.movers, sequence, photo, rng=rng)


@dataclass(frozen=True, slots=True)
class _Drawn:
    """A scene, what of its placements moves how, and the photo behind it, if any."""

    scene: Scene
    movers: list[Mover]
    photo: Asset | None


def _draw(recipe: Recipe, cast: Cast, size: Size, seed: int, index: int, number: int, variant: int) -> _Drawn:
    rng = partial(rng_for, seed, cast.split, number)
    stretch = round(recipe.stretch.draw(rng(Stage.STRETCH)), 6)
    plain = recipe.background.plain.draw(size, rng(Stage.GROUND))
    photo, zone = None, None
    backdrop: Ground
    if plain is not None:
        backdrop = plain
    else:
        photo, backdrop = _draw_photo(recipe.background, cast, size, stretch, rng=rng(Stage.BACKGROUND))
        zone = _zone(photo, backdrop)
    view = None if recipe.scale.camera is None else recipe.scale.camera.draw(rng(Stage.VIEW))
    setting = Setting(size, view, zone, stretch)
    objects, needed = _draw_objects(recipe, cast, rng=rng(Stage.CONTENT))
    found = _place_all(recipe, objects, needed, setting, rng=rng)
    targets = _targets(found)
    if len(targets) < needed:
        raise PlacementError(
            f"sample {cast.split}[{index}]: {len(targets)} of at least {needed} targets could be placed in "
            f"{recipe.max_tries} tries each; lower recipe.scale, recipe.instances or recipe.min_visibility, "
            f"or raise recipe.max_tries"
        )
    dresser = Dresser(recipe, seed, cast.split, number, variant)
    decoys = draw_decoys(recipe, cast.targets, cast.scenes, setting, dresser, rng=rng(Stage.DECOYS))
    shadow = recipe.background.plain.shadow.draw_if(rng(Stage.GROUND, 1)) if plain else None
    laid = [_lay(dresser, asset, place.pose, item, shadow) for asset, place, item in found]
    across = draw_occluders(recipe, targets, cast.distractors, dresser, size, rng=rng(Stage.OCCLUSION))
    scene = Scene(
        split=cast.split,
        index=index,
        scene_id=f"{cast.split}-{number:06d}",
        size=size,
        backdrop=backdrop,
        placements=(*decoys, *laid, *(occluder.placement for occluder in across)),
        camera=recipe.camera.draw(rng(Stage.CAMERA)),
        augmentation=_draw_augmentation(recipe, rng=rng(Stage.AUGMENT)),
        linear_light=recipe.linear_light,
        min_visibility=recipe.min_visibility,
        unplaced=len(objects) - len(found),
    )
    return _Drawn(scene, _movers(decoys, found, across), photo)


def _movers(decoys: list[Placement], found: list[tuple[Asset, Footprint, int]], across: list[Occluder]) -> list[Mover]:
    """Return what the placements of a scene, bottom to top, have to do with motion."""
    movers = [Mover(decoy.source.size) for decoy in decoys if isinstance(decoy.source, Patch)]
    targets = [len(movers) + number for number, (asset, _, _) in enumerate(found) if asset.role == "target"]
    movers += [Mover((asset.height, asset.width), asset.cut) for asset, _, _ in found]
    return movers + [Mover(each.extent, below=targets[each.target], holds=each.holds) for each in across]


def _clip(cast: Cast, photo: Asset) -> tuple[str, ...]:
    """Return the backgrounds that are one clip with a photo, in order of their ids."""
    like = (photo.group, photo.height, photo.width)
    return tuple(each.id for each in cast.scenes if (each.group, each.height, each.width) == like)


def _draw_photo(
    recipe: BackgroundRecipe, cast: Cast, size: Size, stretch: float, *, rng: np.random.Generator
) -> tuple[Asset, Backdrop]:
    """Return a photo, and a crop of it whose aspect is `stretch` times the frame's."""
    asset = cast.scenes[int(rng.integers(len(cast.scenes)))]
    across = size[1] * stretch
    largest = min(asset.height / size[0], asset.width / across) * recipe.crop.draw(rng)
    height = max(1, min(asset.height, round(size[0] * largest)))
    width = max(1, min(asset.width, round(across * largest)))
    y0 = int(rng.integers(asset.height - height + 1))
    x0 = int(rng.integers(asset.width - width + 1))
    return asset, Backdrop(asset.id, (x0, y0, x0 + width, y0 + height), bool(rng.random() < recipe.flip))


def _zone(photo: Asset, backdrop: Backdrop) -> np.ndarray | None:
    """Return where objects may lie in the frame, as the photo's own zone says."""
    if not photo.zone:
        return None
    grid = np.array([[cell == "1" for cell in row] for row in photo.zone])
    x0, y0, x1, y1 = backdrop.crop
    rows = np.linspace(y0, y1, grid.shape[0], endpoint=False) * grid.shape[0] / photo.height
    columns = np.linspace(x0, x1, grid.shape[1], endpoint=False) * grid.shape[1] / photo.width
    zone: np.ndarray = grid[rows.astype(int)[:, None], columns.astype(int)]
    return zone[:, ::-1] if backdrop.flip else zone


def _draw_objects(recipe: Recipe, cast: Cast, *, rng: np.random.Generator) -> tuple[list[Asset], int]:
    """Return the objects bottom to top, and how many targets the scene must hold."""
    negative = bool(rng.random() < recipe.negatives)
    targets = 0 if negative else recipe.instances.draw(rng)
    distractors = recipe.distractors.draw(rng) if cast.distractors else 0
    upper = list(accumulate(cast.weights))
    chosen = [cast.targets[bisect_right(upper, rng.random() * upper[-1])] for _ in range(targets)]
    chosen += [cast.distractors[int(rng.integers(len(cast.distractors)))] for _ in range(distractors)]
    order = rng.permutation(len(chosen))
    return [chosen[position] for position in order], min(recipe.instances.min, targets)


def _place_all(
    recipe: Recipe,
    objects: list[Asset],
    needed: int,
    setting: Setting,
    *,
    rng: Callable[..., np.random.Generator],
) -> list[tuple[Asset, Footprint, int]]:
    """Find places for all objects; where too few targets found one, for the targets alone."""
    drawn = [(item, asset, recipe.skew.draw(rng(Stage.SKEW, item))) for item, asset in enumerate(objects)]
    found = _place(recipe, drawn, setting, rng=partial(rng, Stage.PLACEMENT))
    if len(_targets(found)) < needed:  # what distracts gives way
        drawn = [(item, asset, skew) for item, asset, skew in drawn if asset.role == "target"]
        found = _place(recipe, drawn, setting, rng=partial(rng, Stage.PLACEMENT))
    return found


def _place(
    recipe: Recipe,
    drawn: list[tuple[int, Asset, tuple[float, float]]],
    setting: Setting,
    *,
    rng: Callable[[int], np.random.Generator],
) -> list[tuple[Asset, Footprint, int]]:
    """Find a place for each object above those placed before it; one that finds none is left out."""
    found: list[tuple[Asset, Footprint, int]] = []
    for item, asset, skew in drawn:
        place = _find_place(recipe, asset, skew, [below for _, below, _ in found], setting, rng=rng(item))
        if place is not None:
            found.append((asset, place, item))
    return found


def _targets(found: list[tuple[Asset, Footprint, int]]) -> list[tuple[Asset, Footprint]]:
    return [(asset, place) for asset, place, _ in found if asset.role == "target"]


def _find_place(
    recipe: Recipe,
    asset: Asset,
    skew: tuple[float, float],
    placed: list[Footprint],
    setting: Setting,
    *,
    rng: np.random.Generator,
) -> Footprint | None:
    for _ in range(recipe.max_tries):
        place = draw_footprint(recipe, asset, setting, skew, rng=rng)
        if place is not None and fits(place, placed, setting.size, recipe):
            return place
    return None


def _lay(dresser: Dresser, asset: Asset, pose: Pose, item: int, ground_shadow: Shadow | None) -> Placement:
    """Dress an object; what lies on a plain ground may cast the shadow of that ground instead of its own."""
    part: Part = "target" if asset.role == "target" else "distractor"
    size = (asset.height, asset.width)
    placement = dresser.dress(Cutout(asset.id), size, asset.category, part, pose, item=item)
    return placement if ground_shadow is None else replace(placement, shadow=ground_shadow)


def _draw_augmentation(recipe: Recipe, *, rng: np.random.Generator) -> Augmentation | None:
    if recipe.augment is None:
        return None
    return Augmentation(json.dumps(recipe.augment, sort_keys=True), int(rng.integers(2**31)))
