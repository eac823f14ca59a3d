"""Rendering: pixels are exact, masks are geometry (laws 2 and 3)."""

from dataclasses import replace

import cv2
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from synthgen.assets.splits import SplitShares
from synthgen.core.geometry import decode_rle, tight_box, window
from synthgen.ops.blend.feather import Feather
from synthgen.ops.blend.hard import Hard
from synthgen.render.compositor import render_scene
from synthgen.render.warp import warp_backdrop, warp_cutout
from synthgen.scene.plan import Cast, plan_scene
from synthgen.scene.recipe import Recipe
from synthgen.scene.scene import Backdrop, Placement, Scene
from tiny_assets import tiny_library

SIZE = (96, 128)
RECIPE = Recipe.model_validate({"negatives": 0, "truncation": {"probability": 0.4}, "min_visibility": 0.1})
indices = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture(scope="module")
def assets(tmp_path_factory):
    catalog, library = tiny_library(tmp_path_factory.mktemp("assets"))
    return Cast.of(catalog, "train", SplitShares()), library


def planned(assets, index):
    return plan_scene(RECIPE, assets[0], size=SIZE, seed=3, index=index)


def amodal(instance, size=SIZE):
    """M ∩ F of an instance, from its run lengths alone."""
    x0, y0, x1, y1 = instance.amodal_bbox
    frame, local = window(instance.amodal_bbox, size)
    mask = np.zeros(size, dtype=bool)
    mask[frame] = decode_rle(instance.amodal_rle, (y1 - y0, x1 - x0))[local]
    return mask


@indices
@given(index=st.integers(0, 10_000))
def test_the_mask_algebra_holds(assets, index):
    scene = planned(assets, index)
    sample = render_scene(scene, assets[1])
    layers = [warp_cutout(assets[1].foreground(p.foreground_id), p) for p in scene.placements]
    in_frame = []
    for layer in layers:
        frame, local = window(layer.box, SIZE)
        mask = np.zeros(SIZE, dtype=bool)
        mask[frame] = layer.mask[local]
        in_frame.append(mask)
    targets = [position for position, p in enumerate(scene.placements) if p.role == "target"]
    assert [instance.number for instance in sample.instances] == list(range(1, len(targets) + 1))
    for instance, position in zip(sample.instances, targets, strict=True):
        above = np.zeros(SIZE, dtype=bool)
        for mask in in_frame[position + 1 :]:
            above |= mask
        visible = in_frame[position] & ~above
        assert np.array_equal(sample.mask == instance.number, visible)
        assert np.array_equal(amodal(instance), in_frame[position])
        assert instance.area == visible.sum()
        assert instance.bbox == tight_box(visible)
        assert instance.amodal_area == layers[position].mask.sum()
        inside = in_frame[position].sum()
        assert instance.visibility == pytest.approx(visible.sum() / instance.amodal_area)
        assert instance.truncation == pytest.approx(1 - inside / instance.amodal_area)
        assert instance.occlusion == pytest.approx(1 - visible.sum() / inside if inside else 0)


@indices
@given(index=st.integers(0, 10_000), radius=st.floats(0.5, 6))
def test_the_blend_never_moves_a_label(assets, index, radius):
    scene = planned(assets, index)
    feathered = replace(scene, placements=tuple(replace(p, blend=Feather(radius)) for p in scene.placements))
    plain = replace(scene, placements=tuple(replace(p, blend=Hard()) for p in scene.placements))
    one, other = render_scene(feathered, assets[1]), render_scene(plain, assets[1])
    assert np.array_equal(one.mask, other.mask)
    assert one.instances == other.instances


@indices
@given(index=st.integers(0, 10_000))
def test_image_equals_background_where_nothing_lies(assets, index):
    scene = planned(assets, index)
    bare = render_scene(replace(scene, placements=()), assets[1])
    full = render_scene(scene, assets[1])
    touched = np.zeros(SIZE, dtype=bool)
    for p in scene.placements:
        layer = warp_cutout(assets[1].foreground(p.foreground_id), p)
        frame, local = window(layer.box, SIZE)
        touched[frame] |= (layer.pixels[:, :, 3] > 0)[local]
    assert np.array_equal(full.image[~touched], bare.image[~touched])


def test_no_object_is_the_background_bit_exact(assets):
    cast, library = assets
    asset = cast.scenes[0]
    scene = Scene(
        "train", 0, (asset.height, asset.width), Backdrop(asset.id, (0, 0, asset.width, asset.height), False), ()
    )
    sample = render_scene(scene, library)
    assert np.array_equal(sample.image, library.background(asset.id)[0])
    assert sample.label == 0 and not sample.mask.any() and sample.instances == ()


def lone(assets, center=(64.0, 48.0), **changes):
    cast, _ = assets
    placement = Placement(cast.targets[0].id, "handgun", "target", 0.5, 0.0, False, center, Hard())
    backdrop = Backdrop(cast.scenes[0].id, (0, 0, 128, 96), False)
    return Scene("train", 0, SIZE, backdrop, (replace(placement, **changes),))


@indices
@given(dx=st.integers(-20, 20), dy=st.integers(-15, 15), rotation=st.floats(-180, 180))
def test_whole_pixel_shifts_move_every_label_equally(assets, dx, dy, rotation):
    here = render_scene(lone(assets, rotation=rotation), assets[1]).instances[0]
    there = render_scene(lone(assets, center=(64.0 + dx, 48.0 + dy), rotation=rotation), assets[1]).instances[0]
    assert there.amodal_rle == here.amodal_rle
    assert there.amodal_bbox == tuple(np.array(here.amodal_bbox) + [dx, dy, dx, dy])


@indices
@given(scale=st.floats(0.15, 3), rotation=st.floats(-180, 180))
def test_a_cutout_of_one_colour_stays_that_colour(assets, scale, rotation):
    levels = assets[1].foreground(assets[0].targets[0].id)
    colour = levels[0][levels[0][:, :, 3] == 255][0, :3]
    layer = warp_cutout(levels, lone(assets, scale=scale, rotation=rotation).placements[0])
    expected = layer.pixels[:, :, 3:].astype(float) / 255 * colour
    assert np.abs(layer.pixels[:, :, :3] - expected).max() <= 2  # roundings of the mip level and of the warp


@indices
@given(scale=st.floats(0.2, 1.5))
def test_area_grows_with_the_square_of_the_scale(assets, scale):
    one = render_scene(lone(assets, scale=1.0), assets[1]).instances[0]
    scaled = render_scene(lone(assets, scale=scale), assets[1]).instances[0]
    perimeter = 2 * (96 + 128) * max(scale, 1) * 2
    assert abs(scaled.amodal_area - scale**2 * one.amodal_area) <= perimeter


def test_holes_stay_open(assets):
    sample = render_scene(lone(assets, scale=1.0, center=(64.0, 48.0)), assets[1])
    contours, hierarchy = cv2.findContours((sample.mask > 0).astype(np.uint8), cv2.RETR_CCOMP, cv2.CHAIN_APPROX_SIMPLE)
    assert len(contours) >= 2 and (hierarchy[0][:, 3] >= 0).any()


def test_an_opaque_hard_paste_is_the_object(assets):
    layer_scene = lone(assets, scale=1.0)
    sample = render_scene(layer_scene, assets[1])
    layer = warp_cutout(assets[1].foreground(assets[0].targets[0].id), layer_scene.placements[0])
    frame, local = window(layer.box, SIZE)
    opaque = layer.pixels[local][:, :, 3] == 255
    assert np.array_equal(sample.image[frame][opaque], layer.pixels[local][:, :, :3][opaque])


def test_a_soft_paste_is_the_over_operator_within_one_level(assets):
    scene = lone(assets, scale=0.7, rotation=31.0)
    sample = render_scene(scene, assets[1])
    below = warp_backdrop(assets[1].background(scene.background_id), scene.backdrop, SIZE).astype(float)
    layer = warp_cutout(assets[1].foreground(assets[0].targets[0].id), scene.placements[0])
    frame, local = window(layer.box, SIZE)
    pixels = layer.pixels[local].astype(float)
    below[frame] = pixels[:, :, :3] + (1 - pixels[:, :, 3:] / 255) * below[frame]
    assert np.abs(sample.image - below).max() <= 1


def test_rendering_is_indifferent_to_opencv_threads(assets):
    scene, before = planned(assets, 5), cv2.getNumThreads()
    images = []
    for threads in (1, 4):
        cv2.setNumThreads(threads)
        images.append(render_scene(scene, assets[1]).image)
    cv2.setNumThreads(before)
    assert np.array_equal(*images)
