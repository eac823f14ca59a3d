"""Hands and arms: they hold a target by its grip, and their arm leads out of the picture."""

from dataclasses import replace

import numpy as np
import pytest

from synthgen.assets.cast import Cast
from synthgen.assets.splits import SplitShares
from synthgen.core.geometry import window
from synthgen.render.compositor import layers_of, render_scene
from synthgen.scene.footprint import Footprint
from synthgen.scene.hands import grasp_of
from synthgen.scene.plan import plan_scene
from synthgen.scene.recipe import Recipe
from synthgen.scene.scene import Scene
from synthgen.scene.sources import Hand, Shape
from tiny_assets import tiny_library

SIZE = (120, 160)
GRIP = (0.25, 0.75)  # within the lower bar of the tiny pistols


@pytest.fixture(scope="module")
def assets(tmp_path_factory):
    """Tiny assets whose targets have a grip."""
    catalog, library = tiny_library(tmp_path_factory.mktemp("assets"))
    cast = Cast.of(catalog, "train", SplitShares())
    return replace(cast, targets=tuple(replace(asset, grip=GRIP) for asset in cast.targets)), library


def planned(assets, index, kind):
    recipe = Recipe.model_validate(
        {
            "negatives": 0,
            "instances": {"min": 1, "max": 1},
            "distractors": {"min": 0, "max": 0},
            "truncation": {"probability": 0},
            "min_visibility": 0,
            "scale": {"min": 0.6, "max": 0.8},
            "rotation": {"min": -40, "max": 40},
            "occluders": {"probability": 1, "kinds": [kind], "size": {"min": 0.25, "max": 0.35}},
        }
    )
    return plan_scene(recipe, assets[0], size=SIZE, seed=2, index=index)


def grasp(assets, placement):
    """How the target of a placement is held."""
    asset = next(each for each in assets[0].targets if each.id == placement.foreground_id)
    return grasp_of(asset, Footprint(placement.pose, asset.outline @ placement.pose.linear.T + placement.pose.center))


def covered(assets, scene, number):
    """Where in the frame the placement's mask lies."""
    layer = layers_of(scene, assets[1])[number]
    canvas = np.zeros(SIZE, bool)
    frame, local = window(layer.box, SIZE)
    canvas[frame] = layer.mask[local]
    return canvas


@pytest.mark.parametrize(("kind", "source"), [("hand", Hand), ("arm", Shape)])
def test_the_grip_is_covered_and_the_arm_leaves_the_frame(assets, kind, source):
    for index in range(25):
        scene = planned(assets, index, kind)
        target, occluder = scene.placements
        assert isinstance(occluder.source, source) and occluder.part == "occluder" and occluder.category == kind
        mask = covered(assets, scene, 1)
        x, y = grasp(assets, target).point
        near = mask[max(0, round(y) - 2) : round(y) + 3, max(0, round(x) - 2) : round(x) + 3]
        assert near.mean() > 0.5  # a little of the grip shows between fingers
        assert mask[0].any() or mask[-1].any() or mask[:, 0].any() or mask[:, -1].any()


def test_the_muzzle_stays_free(assets):
    """The tiny pistols have theirs at the upper right of the cutout."""
    for index in range(25):
        scene = planned(assets, index, "hand")
        pose = scene.placements[0].pose
        x, y = (pose.linear @ np.array([50, -24]) + pose.center).astype(int)
        assert not covered(assets, scene, 1)[y, x]


def test_without_a_grip_a_hand_lies_at_a_drawn_point_on_the_target(assets):
    bare = replace(assets[0], targets=tuple(replace(asset, grip=None) for asset in assets[0].targets))
    for index in range(10):
        sample = render_scene(planned((bare, assets[1]), index, "hand"), assets[1])
        assert sample.instances[0].occlusion > 0


def test_a_hand_is_as_large_as_the_length_in_metres_says(assets):
    def breadths(length):
        known = replace(assets[0], targets=tuple(replace(a, length_m=length) for a in assets[0].targets))
        return [planned((known, assets[1]), index, "hand").placements[1].source.bones[-1][0][2] for index in range(5)]

    assert np.array(breadths(0.2)) == pytest.approx(2 * np.array(breadths(0.4)), rel=0.02)


def test_an_object_held_by_a_hand_keeps_its_amodal_mask(assets):
    for index in range(10):
        scene = planned(assets, index, "hand")
        free = replace(scene, placements=scene.placements[:1])
        (held,), (whole,) = (render_scene(each, assets[1]).instances for each in (scene, free))
        assert held.amodal_rle == whole.amodal_rle and held.area < whole.area


def test_hands_are_replayed_from_json_and_depend_on_nothing_else(assets):
    for index in range(10):
        scene = planned(assets, index, "hand")
        again = Scene.from_json(scene.to_json())
        assert again == scene == planned(assets, index, "hand")
        assert np.array_equal(render_scene(again, assets[1]).image, render_scene(scene, assets[1]).image)


def test_a_grip_changes_nothing_for_other_occluders(assets):
    bare = replace(assets[0], targets=tuple(replace(asset, grip=None) for asset in assets[0].targets))
    for kind in ("bar", "cutout"):
        for index in range(5):
            assert planned(assets, index, kind) == planned((bare, assets[1]), index, kind)


def test_a_mirrored_cutout_is_held_from_the_other_side(assets):
    asset = assets[0].targets[0]
    pose = planned(assets, 0, "hand").placements[0].pose
    sides = [grasp_of(asset, Footprint(replace(pose, flip=flip), asset.outline)).flip for flip in (False, True)]
    assert sides == [False, True]
    left = replace(asset, hull=tuple((asset.width - x, y) for x, y in asset.hull), grip=(1 - GRIP[0], GRIP[1]))
    assert grasp_of(left, Footprint(replace(pose, flip=False), left.outline)).flip
