"""A cutout whose object is cut off lies with its cut side at the frame's edge; nothing else changes for others."""

from dataclasses import replace

import numpy as np
import pytest

from synthgen.assets.cast import Cast
from synthgen.assets.catalog import Catalog
from synthgen.assets.entries import entries_of
from synthgen.core.errors import AssetError
from synthgen.core.geometry import bounds
from synthgen.scene.plan import plan_scene
from synthgen.scene.recipe import Recipe
from synthgen.scene.scene import Scene
from tiny_assets import write_catalog

SIZE = (96, 128)
RECIPE = {
    "negatives": 0,
    "instances": {"min": 1, "max": 1},
    "distractors": {"min": 0, "max": 0},
    "skew": {"shear": {"min": -0.5, "max": 0.5}},
}


def planned(cast, cut, count=40, **changes):
    targets = tuple(replace(asset, cut=cut) for asset in cast.targets)
    marked = Cast(cast.split, targets, cast.weights, cast.distractors, cast.scenes)
    recipe = Recipe.model_validate(RECIPE | changes)
    for index in range(count):
        scene: Scene = plan_scene(recipe, marked, size=SIZE, seed=1, index=index)
        (placed,) = scene.placements
        asset = next(asset for asset in targets if asset.id == placed.foreground_id)
        yield placed.pose, bounds(asset.outline @ placed.pose.linear.T + np.array(placed.pose.center))


def beyond(box):
    """Return the edges of the frame that a box reaches over, by a little."""
    x0, y0, x1, y1 = box
    over = {"l": -x0, "t": -y0, "r": x1 - SIZE[1], "b": y1 - SIZE[0]}
    return {side for side, length in over.items() if 2.9 <= length <= 3.1}


@pytest.mark.parametrize("kind", ["uniform", "anywhere"])
@pytest.mark.parametrize("cut", ["b", "l", "r", "t", "bl", "rt"])
def test_cut_sides_lie_a_little_beyond_the_edge(cast, cut, kind):
    upright = {"rotation": {"min": -30, "max": 30}, "flip": 0, "position": {"kind": kind}}
    for pose, box in planned(cast, cut, **upright):
        assert set(cut) <= beyond(box)
        assert (pose.rotation, pose.shear, pose.aspect) == (0.0, 0.0, 1.0)


def test_turned_and_mirrored_the_side_goes_with_the_object(cast):
    for pose, box in planned(cast, "r", rotation={"min": -180, "max": 180}, flip=0.5):
        side = {0: "r", 90: "t", 180: "l", 270: "b"}[int(pose.rotation) % 360]
        mirrored = {"r": "l", "l": "r", "t": "b", "b": "t"}[side]
        assert (mirrored if pose.flip else side) in beyond(box)


def test_the_digest_knows_cuts_and_is_what_it_was_without(catalog):
    first, *others = catalog.foregrounds
    marked = Catalog((replace(first, cut="b"), *others), catalog.backgrounds, ())
    assert marked.digest != catalog.digest
    assert Catalog((replace(first, cut=""), *others), catalog.backgrounds, ()).digest == catalog.digest


@pytest.mark.parametrize(
    ("cut", "message"),
    [("x", "letters of l, t, r, b"), ("bb", "letters of l, t, r, b"), ("lr", "opposite sides"), ("btl", "opposite")],
)
def test_sides_that_no_edge_can_hide_are_refused(tmp_path, cut, message):
    write_catalog(tmp_path, [])
    text = (tmp_path / "catalog.csv").read_text().strip() + f",cut\na,a.png,mug,a,target,,,,,{cut}\n"
    (tmp_path / "catalog.csv").write_text(text)
    with pytest.raises(AssetError, match=message):
        entries_of(tmp_path, "foreground", "object")
