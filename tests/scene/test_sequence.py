"""Sequences: each frame planned alone, motion smooth and within its rates, everything else the same throughout."""

import math
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from synthgen.ops.camera.recording import Timestamp
from synthgen.ops.camera.sensor import SensorNoise
from synthgen.scene.backdrop import Backdrop, PlainGround, Window
from synthgen.scene.footprint import Footprint
from synthgen.scene.hands import grasp_of
from synthgen.scene.motion import HANDS, TRIPODS, Sway
from synthgen.scene.plan import plan_scene
from synthgen.scene.pose import Pose
from synthgen.scene.recipe import Recipe
from synthgen.scene.scene import Scene
from tiny_assets import asset_of

SIZE = (96, 128)
FRAMES, FPS = 16, 8.0
STILL = {"min": 0, "max": 0}
MOVING = {"shake": {"min": 0.02, "max": 0.05}, "pan": {"min": 0.1, "max": 0.3}}
FULL = {
    "negatives": 0.2,
    "decoys": {"count": {"min": 0, "max": 1}},
    "occluders": {"probability": 0.6, "kinds": ["cutout", "bar", "arm", "hand"]},
    "shadow": {"modes": ["none", "contact", "cast", "soft"]},
    "light": {"probability": 0.5},
    "camera": {"preset": "cctv-day"},
}


def recipe_of(recipe=None, motion=None, **sequence):
    values = {"frames": FRAMES, "fps": FPS, "motion": motion or {}, **sequence}
    return Recipe.model_validate({**(recipe or {}), "sequence": values})


def planned(cast, recipe, number, seed=0):
    """All frames of a sequence."""
    frames = recipe.sequence.frames
    return [frame(cast, recipe, number * frames + t, seed) for t in range(frames)]


def frame(cast, recipe, index, seed=0):
    return plan_scene(recipe, cast, size=SIZE, seed=seed, index=index)


def picture(cast, recipe, number):
    """The scene of a recipe without its sequence."""
    return plan_scene(recipe.model_copy(update={"sequence": None}), cast, size=SIZE, seed=0, index=number)


def centers(scenes):
    return np.array([[placement.pose.center for placement in scene.placements] for scene in scenes])


def test_a_frame_alone_is_the_frame_within_its_sequence(cast):
    recipe = recipe_of(FULL, MOVING)
    forward = [scene for number in range(4) for scene in planned(cast, recipe, number)]
    shuffled = np.random.default_rng(0).permutation(len(forward)).tolist()
    assert [frame(cast, recipe_of(FULL, MOVING), index) for index in shuffled] == [forward[index] for index in shuffled]


def test_a_frame_knows_its_sequence_and_survives_json(cast):
    for index, scene in enumerate(planned(cast, recipe_of(FULL, MOVING), 3), 3 * FRAMES):
        assert (scene.index, scene.frame) == (index, index - 3 * FRAMES)
        assert scene.sequence_id == scene.scene_id == "train-000003"
        assert Scene.from_json(scene.to_json()) == scene


def test_pictures_say_nothing_of_sequences(cast):
    scene = picture(cast, recipe_of(FULL), 0)
    assert (scene.sequence_id, scene.frame) == (None, None)
    assert all(name not in scene.to_json() for name in ("sequence", "frame", "track"))


def test_only_poses_and_noise_differ_between_frames(cast):
    def bare(scene):
        placements = tuple(replace(each, pose=Pose(1, 0, False, (0, 0))) for each in scene.placements)
        camera = tuple(each for each in scene.camera if not isinstance(each, SensorNoise | Timestamp))
        return replace(scene, index=0, frame=0, placements=placements, camera=camera)

    for number in range(8):
        scenes = planned(cast, recipe_of(FULL), number)
        assert len({bare(scene).to_json() for scene in scenes}) == 1
        assert [each.track for each in scenes[5].placements] == list(range(1, len(scenes[5].placements) + 1))


def test_each_object_is_at_some_moment_as_the_picture_of_that_number_has_it(cast):
    recipe = recipe_of({"negatives": 0})
    for number in range(10):
        alone = picture(cast, recipe, number)
        scenes = planned(cast, recipe, number)
        assert scenes[0].backdrop == alone.backdrop
        for place, placement in enumerate(alone.placements):
            assert placement.pose in [scene.placements[place].pose for scene in scenes]


def test_noise_is_another_in_each_frame_and_clocks_go_on(cast):
    recipe = recipe_of({"camera": {"noise": {}, "timestamp": {}}})
    scenes = planned(cast, recipe, 1)
    noises = [effect for scene in scenes for effect in scene.camera if isinstance(effect, SensorNoise)]
    assert len({(noise.x, noise.y) for noise in noises}) == FRAMES
    assert len({(noise.gain, noise.read) for noise in noises}) == 1
    seconds = [int(effect.text[-2:]) for scene in scenes for effect in scene.camera if isinstance(effect, Timestamp)]
    assert [(later - seconds[0]) % 60 for later in seconds] == [0] * 8 + [1] * 8


@settings(max_examples=25)
@given(seed=st.integers(0, 2**32), number=st.integers(0, 1000))
def test_wandering_objects_are_no_faster_than_they_may_be(cast, seed, number):
    speed, turn, growth = 0.2, 30.0, 0.2
    rates = {"speed": {"min": 0, "max": speed}, "turn": {"min": 0, "max": turn}, "growth": {"min": 0, "max": growth}}
    scenes = planned(cast, recipe_of({"negatives": 0}, {**rates, "crossing": 0}), number, seed)
    most = math.sqrt(2 * len(HANDS)) / FPS  # of a sway, between two frames
    assert np.linalg.norm(np.diff(centers(scenes), axis=0), axis=2).max() <= speed * min(SIZE) * most + 0.05
    for before, after in pairwise(scenes):
        for one, two in zip(before.placements, after.placements, strict=True):
            assert abs(one.pose.rotation - two.pose.rotation) <= turn * most + 0.01
            assert abs(math.log(one.pose.scale / two.pose.scale)) <= growth * most + 1e-3


@settings(max_examples=5)
@given(seed=st.integers(0, 2**32))
def test_a_sway_has_speed_one_and_keeps_within_its_reach(seed):
    for bands in (HANDS, TRIPODS):
        sway = Sway.draw(bands, np.random.default_rng(seed))
        moments = np.linspace(0, 2000, 1500).tolist()
        values = np.array([sway.at(moment) for moment in moments])
        speeds = (np.array([sway.at(moment + 1e-4) for moment in moments]) - values) / 1e-4
        assert np.sqrt((speeds**2).mean()) == pytest.approx(1, rel=0.1)
        assert np.abs(values).max() <= sway.reach


@pytest.mark.parametrize("frames", [16, 200])
def test_what_crosses_is_out_of_the_frame_at_some_moment_and_in_it_at_another(cast, catalog, frames):
    recipe = recipe_of({"negatives": 0}, {"crossing": 1}, frames=frames)
    for number in range(4):
        scenes = planned(cast, recipe, number)
        for place, placement in enumerate(scenes[0].placements):
            asset = asset_of(catalog, placement.foreground_id)
            inside = []
            for scene in scenes:
                pose = scene.placements[place].pose
                low, high = np.sort(asset.outline @ pose.linear.T + pose.center, axis=0)[[0, -1]]
                inside.append((high > 0).all() and (low < [SIZE[1], SIZE[0]]).all())
            assert any(inside) and not all(inside)


def test_scale_stays_within_half_and_double(cast):
    recipe = recipe_of({"negatives": 0}, {"growth": {"min": 1, "max": 1}}, frames=2000)
    scales = [frame(cast, recipe, index).placements[0].pose.scale for index in range(0, 2000, 40)]
    assert max(scales) < 4 * min(scales)


def test_a_moving_camera_sees_a_part_of_the_photo_and_what_stands_there_moves_the_other_way(cast, catalog):
    still = {"speed": STILL, "turn": STILL, "growth": STILL, "crossing": 0}
    seen = 0
    for number in range(12):
        scenes = planned(cast, recipe_of({"negatives": 0, "background": {"flip": 0.5}}, {**still, **MOVING}), number)
        windows = [scene.backdrop for scene in scenes]
        assert all(isinstance(window, Window) for window in windows)
        photo = asset_of(catalog, windows[0].background_id)
        boxes = np.array([window.box for window in windows])
        assert boxes.min() >= -1e-3 and (boxes[:, 2:] <= [photo.width + 1e-3, photo.height + 1e-3]).all()
        extent = boxes[:, 2:] - boxes[:, :2]
        assert np.ptp(extent, axis=0).max() < 1e-9
        per_pixel = extent[0] / [SIZE[1], SIZE[0]] * [-1 if windows[0].flip else 1, 1]
        moved = (boxes[:, :2] - boxes[0, :2]) / per_pixel
        objects = centers(scenes) - centers(scenes)[0]
        assert np.abs(objects + moved[:, None]).max() < 0.05
        seen += np.abs(moved).max() > 2
    assert seen > 8


def test_a_still_camera_has_the_picture_s_crop_and_a_plain_ground_stands_still(cast):
    assert all(isinstance(scene.backdrop, Backdrop) for scene in planned(cast, recipe_of(), 0))
    plain = recipe_of({"background": {"plain": {"share": 1}}}, MOVING)
    grounds = {scene.backdrop for scene in planned(cast, plain, 0)}
    assert len(grounds) == 1 and isinstance(grounds.pop(), PlainGround)


def test_a_crop_without_room_is_made_smaller_so_that_the_camera_can_move(cast):
    recipe = recipe_of({"background": {"crop": {"min": 1, "max": 1}}}, MOVING)
    for scene in planned(cast, recipe, 2):
        x0, y0, x1, y1 = scene.backdrop.box
        assert x0 >= 0 and y0 >= 0 and x1 <= 240 and y1 <= 180
        assert (x1 - x0) / (y1 - y0) == pytest.approx(128 / 96, rel=0.02)


def test_negatives_are_whole_sequences(cast):
    recipe = recipe_of({"negatives": 0.5}, frames=4)
    shown = [[any(p.part == "target" for p in s.placements) for s in planned(cast, recipe, n)] for n in range(30)]
    assert all(len(set(each)) == 1 for each in shown) and len({each[0] for each in shown}) == 2


def test_a_hand_keeps_its_hold_and_other_things_in_front_stand_still(cast, catalog):
    held = replace(cast, targets=tuple(replace(asset, grip=(0.25, 0.7)) for asset in cast.targets))
    once = {"negatives": 0, "instances": {"min": 1, "max": 1}, "distractors": STILL}
    for kind in ("hand", "arm", "bar"):
        recipe = recipe_of(once | {"occluders": {"probability": 1, "kinds": [kind]}}, {"turn": {"min": 30, "max": 30}})
        scenes = planned(held, recipe, 1)
        if kind == "bar":
            assert len({scene.placements[1].pose for scene in scenes}) == 1
            continue
        asset = replace(asset_of(catalog, scenes[0].placements[0].foreground_id), grip=(0.25, 0.7))
        holds = []
        for scene in scenes:
            target, hand = (placement.pose for placement in scene.placements)
            grip = grasp_of(asset, footprint(asset, target)).point
            holds.append(np.linalg.inv(hand.linear) @ np.subtract(grip, hand.center))
        assert np.ptp(holds, axis=0).max() < 0.2  # of the hand's own pixels


def footprint(asset, pose):
    return Footprint(pose, asset.outline @ pose.linear.T + pose.center)


def test_what_is_cut_off_slides_along_the_edge_it_comes_from(cast):
    cut = replace(cast, targets=tuple(replace(asset, cut="b") for asset in cast.targets))
    once = {"negatives": 0, "instances": {"min": 1, "max": 1}, "distractors": STILL, "rotation": STILL}
    scenes = planned(cut, recipe_of(once, {"crossing": 1, **MOVING}), 0)
    poses = [scene.placements[0].pose for scene in scenes]
    assert len({(pose.scale, pose.rotation, pose.center[1]) for pose in poses}) == 1
    assert len({pose.center[0] for pose in poses}) > 8


def test_a_clip_is_shown_to_and_fro(cast):
    clip = [replace(asset, group=f"clip-{number // 3}") for number, asset in enumerate(cast.scenes)]
    split = replace(cast, scenes=tuple(clip))
    scenes = planned(split, recipe_of(clips=True, motion=MOVING), 0)
    shown = [scene.background_id for scene in scenes]
    (group,) = {asset.group for asset in clip if asset.id in shown}
    names = [asset.id for asset in clip if asset.group == group]
    turns = [names.index(name) for name in shown]
    assert all(abs(one - two) == 1 for one, two in pairwise(turns))
    assert set(turns) == {0, 1, 2}
    assert len({scene.background_id for scene in planned(split, recipe_of(), 0)}) == 1


@pytest.mark.parametrize(
    ("values", "complaint"),
    [
        ({"sequence": {"frames": 0}}, "greater than or equal to 2"),
        ({"sequence": {"frames": 10_001}}, "less than or equal to 10000"),
        ({"sequence": {"fps": 0}}, "greater than 0"),
        ({"sequence": {"motion": {"speed": {"min": 0.2, "max": 0.1}}}}, "swap them"),
        ({"sequence": {"motion": {"shake": {"min": 0, "max": 0.5}}}}, "not within 0–0.2"),
        ({"sequence": {}, "blend": {"paired": 2}}, "sequence does not go with blend.paired 2"),
    ],
)
def test_what_cannot_be_a_sequence_is_refused(values, complaint):
    with pytest.raises(ValidationError, match=complaint):
        Recipe.model_validate(values)
