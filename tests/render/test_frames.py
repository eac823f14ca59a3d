"""Frames of sequences: masks are geometry in each of them, and nothing jumps from one to the next."""

import math
from dataclasses import replace
from itertools import pairwise

import cv2
import numpy as np
import pytest

from synthgen.assets.cast import Cast
from synthgen.assets.splits import SplitShares
from synthgen.core.geometry import tight_box
from synthgen.render.compositor import ground_of, layers_of, render_scene
from synthgen.scene.backdrop import Backdrop, Window
from synthgen.scene.plan import plan_scene
from synthgen.scene.recipe import Recipe
from tiny_assets import tiny_library

SIZE, FRAMES = (96, 128), 16
NOTHING = {"min": 0, "max": 0}
ONE = {"negatives": 0, "instances": {"min": 1, "max": 1}, "distractors": NOTHING, "blend": {"modes": ["none"]}}
BUSY = {
    "negatives": 0,
    "occluders": {"probability": 1, "kinds": ["bar", "arm", "hand"]},
    "camera": {"preset": "webcam"},
    "sequence": {"frames": FRAMES, "motion": {"crossing": 0.5, "shake": {"min": 0.02, "max": 0.02}}},
}


@pytest.fixture(scope="module")
def assets(tmp_path_factory):
    catalog, library = tiny_library(tmp_path_factory.mktemp("assets"))
    return Cast.of(catalog, "train", SplitShares()), library


def frames_of(assets, recipe, number):
    model = Recipe.model_validate(recipe)
    return [plan_scene(model, assets[0], size=SIZE, seed=5, index=number * FRAMES + frame) for frame in range(FRAMES)]


def amidst(scene):
    """The scene in the middle of a frame of three times the size, which nothing leaves."""
    height, width = scene.size
    moved = [
        replace(each, pose=replace(each.pose, center=(each.pose.center[0] + width, each.pose.center[1] + height)))
        for each in scene.placements
    ]
    return replace(scene, size=(3 * height, 3 * width), placements=tuple(moved), camera=(), min_visibility=0.0)


def test_what_comes_in_and_goes_out_has_the_mask_that_a_larger_frame_shows(assets):
    height, width = SIZE
    cut = outside = 0
    for number in range(8):
        for scene in frames_of(
            assets, {**ONE, "min_visibility": 0, "sequence": {"frames": FRAMES, "motion": {"crossing": 1}}}, number
        ):
            sample, whole = render_scene(scene, assets[1]), render_scene(amidst(scene), assets[1])
            if not whole.instances:  # beyond the larger frame, too
                continue
            (known,) = whole.instances
            here = whole.mask[height : 2 * height, width : 2 * width]
            assert np.array_equal(sample.mask, here)
            assert len(sample.instances) == here.any() and sample.hidden == ()
            outside += not here.any()
            if not here.any():
                continue
            (found,) = sample.instances
            assert (found.track, found.bbox) == (1, tight_box(here == 1))
            if known.truncation == 0:  # the larger frame shows all of it
                x0, y0, x1, y1 = known.bbox
                assert found.amodal_bbox == (x0 - width, y0 - height, x1 - width, y1 - height)
                assert found.visibility == pytest.approx((here == 1).sum() / (whole.mask == 1).sum())
            cut += 0 < found.visibility < 1
    assert cut > 10 and outside > 10


def test_a_target_beyond_the_frame_is_no_instance_and_the_row_is_negative(assets):
    recipe = {**ONE, "min_visibility": 0.2, "sequence": {"frames": FRAMES, "motion": {"crossing": 1}}}
    samples = [render_scene(scene, assets[1]) for number in range(12) for scene in frames_of(assets, recipe, number)]
    labels = {(sample.label, len(sample.instances), sample.unlabelled) for sample in samples}
    assert labels == {(1, 1, 0), (0, 0, 1), (0, 0, 0)}  # the last is beyond the frame, and so is known to be none


def test_a_frame_rendered_alone_has_the_same_bytes(assets):
    scenes = [scene for number in range(2) for scene in frames_of(assets, BUSY, number)]
    first = [render_scene(scene, assets[1]) for scene in scenes]
    for index in (29, 3, 17, 0):
        again = render_scene(frames_of(assets, BUSY, index // FRAMES)[index % FRAMES], assets[1])
        assert np.array_equal(again.image, first[index].image) and np.array_equal(again.mask, first[index].mask)
        assert again.instances == first[index].instances


def test_noise_is_another_in_each_frame_and_the_rest_of_a_still_picture_the_same(assets):
    still = {"speed": NOTHING, "turn": NOTHING, "growth": NOTHING, "crossing": 0}
    recipe = {**ONE, "camera": {"noise": {}}, "sequence": {"frames": FRAMES, "motion": still}}
    scenes = frames_of(assets, recipe, 0)
    noisy = [render_scene(scene, assets[1]).image for scene in scenes]
    clean = [render_scene(replace(scene, camera=()), assets[1]).image for scene in scenes]
    assert all(np.array_equal(image, clean[0]) for image in clean)
    for one, two in pairwise(noisy):
        assert np.abs(one.astype(int) - two).mean() > 0.3


def test_an_object_whose_scale_changes_does_not_turn_blurred_at_once(assets):
    """At half the size the next mip level begins: the difference between frames is no larger there."""
    growing = {"speed": NOTHING, "turn": NOTHING, "growth": {"min": 0.02, "max": 0.02}, "crossing": 0}
    scene = frames_of(assets, {**ONE, "sequence": {"frames": FRAMES, "motion": growing}}, 0)[0]
    (placement,) = scene.placements

    def shown(scale):
        pose = replace(placement.pose, scale=scale, center=(64.0, 48.0))
        (layer,) = layers_of(replace(scene, placements=(replace(placement, pose=pose),)), assets[1])
        return np.pad(layer.pixels, ((0, 1), (0, 1), (0, 0))).astype(int), layer.box

    (below, here), (above, there) = shown(0.4999), shown(0.5001)
    assert here == there
    assert np.abs(below - above).max() <= 3


def test_a_slow_camera_moves_by_parts_of_a_pixel(assets):
    scene = frames_of(assets, {**ONE, "sequence": {"frames": FRAMES}}, 0)[0]
    assert isinstance(scene.backdrop, Backdrop)
    pictures = []
    for step in range(9):
        x = 20 + step / 4
        window = Window(scene.backdrop.background_id, (x, 20.0, x + 128, 116.0), False)
        pictures.append(ground_of(replace(scene, backdrop=window), assets[1]).astype(int))
    assert np.array_equal(pictures[4][:, :-1], pictures[0][:, 1:])  # a whole pixel on
    assert np.array_equal(pictures[8][:, :-2], pictures[0][:, 2:])
    steps = [np.abs(one - two).mean() for one, two in pairwise(pictures)]
    assert min(steps) > 0 and max(steps) < 1.5 * min(steps)


def test_a_mirrored_window_is_the_window_mirrored(assets):
    scene = frames_of(assets, {**ONE, "sequence": {"frames": FRAMES}}, 0)[0]
    box = (20.0, 20.0, 148.0, 116.0)
    plain, mirrored = (
        ground_of(replace(scene, backdrop=Window(scene.background_id, box, flip)), assets[1]) for flip in (False, True)
    )
    assert np.abs(cv2.flip(plain, 1).astype(int) - mirrored).max() <= 1
    photo = assets[1].background(scene.background_id)[0]
    assert np.array_equal(plain, photo[20:116, 20:148])


def test_objects_move_as_far_in_pixels_as_in_the_plan(assets):
    recipe = {**ONE, "sequence": {"frames": FRAMES, "motion": {"crossing": 0, "turn": NOTHING, "growth": NOTHING}}}
    scenes = frames_of(assets, recipe, 1)
    samples = [render_scene(scene, assets[1]) for scene in scenes]
    boxes = np.array([sample.instances[0].amodal_bbox[:2] for sample in samples])
    planned = np.array([scene.placements[0].pose.center for scene in scenes])
    assert np.abs((boxes - boxes[0]) - (planned - planned[0])).max() <= math.sqrt(2)
