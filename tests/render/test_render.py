"""Rendering: pixels are exact, masks are geometry (laws 2 and 3)."""

from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from synthgen.assets.cast import Cast
from synthgen.assets.catalog import AssetsConfig
from synthgen.assets.intake import load_catalog
from synthgen.assets.library import Library, build_library
from synthgen.assets.splits import SplitShares
from synthgen.core.geometry import decode_rle, tight_box, window
from synthgen.ops.blend.feather import Feather
from synthgen.ops.blend.hard import Hard
from synthgen.ops.blend.registry import BLENDS, BlendRecipe
from synthgen.ops.camera.registry import geometric_effects
from synthgen.ops.harmonize.registry import HARMONIZERS, HarmonizeRecipe
from synthgen.ops.harmonize.unharmonized import Unharmonized
from synthgen.ops.light import LightRecipe
from synthgen.ops.shadow.registry import SHADOWS, ShadowRecipe
from synthgen.ops.shadow.shadowless import Shadowless
from synthgen.ops.srgb import decode_srgb
from synthgen.render.compositor import layers_of, render_scene
from synthgen.render.warp import warp_backdrop, warp_cutout
from synthgen.scene.backdrop import Backdrop
from synthgen.scene.plan import plan_scene
from synthgen.scene.pose import Pose
from synthgen.scene.recipe import Recipe
from synthgen.scene.scene import Placement, Scene
from synthgen.scene.sources import Cutout
from tiny_assets import tiny_library

ROOT = Path(__file__).parents[2]
SIZE = (96, 128)
PLAIN = Recipe.model_validate({"negatives": 0, "truncation": {"probability": 0.4}, "min_visibility": 0.1})
FULL = Recipe.model_validate(
    {
        "negatives": 0.1,
        "truncation": {"probability": 0.4},
        "min_visibility": 0.3,
        "stretch": {"min": 0.5, "max": 2},
        "skew": {"aspect": {"min": 0.7, "max": 1.5}, "shear": {"min": -0.4, "max": 0.4}},
        "decoys": {"count": {"min": 0, "max": 2}},
        "occluders": {"probability": 0.6, "kinds": ["cutout", "bar", "arm", "hand"]},
        "background": {"plain": {"share": 0.3}},
        "light": {"probability": 0.5},
        "blend": {"modes": list(BLENDS)},
        "harmonize": {"modes": list(HARMONIZERS)},
        "shadow": {"modes": list(SHADOWS)},
        "camera": {"preset": "cctv-night"},
    }
)
LARGE = Recipe.model_validate(
    {
        "negatives": 0,
        "position": {"kind": "anywhere"},
        "scale": {"strata": [{"min": 0.2, "max": 1, "weight": 0.6}, {"min": 1, "max": 2, "weight": 0.4}]},
        "stretch": {"min": 0.7, "max": 1.4},
        "min_visibility": 0.2,
    }
)
HARD, HALF = Hard(), Pose(scale=0.5, rotation=0.0, flip=False, center=(64.0, 48.0))
scenes = st.integers(0, 100_000)
examples = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture(scope="module")
def assets(tmp_path_factory):
    """Random shapes of one colour with a hole."""
    catalog, library = tiny_library(tmp_path_factory.mktemp("assets"))
    return Cast.of(catalog, "train", SplitShares()), library


@pytest.fixture(scope="module")
def starter(tmp_path_factory):
    """The starter pack."""
    catalog = load_catalog(AssetsConfig(foregrounds=ROOT / "foregrounds", backgrounds=ROOT / "backgrounds"))
    library = Library.open(build_library(catalog, tmp_path_factory.mktemp("starter")))
    return Cast.of(catalog, "train", SplitShares()), library


@pytest.fixture(params=["assets", "starter"])
def any_assets(request):
    """Both."""
    return request.getfixturevalue(request.param)


def planned(assets, index, recipe=PLAIN):
    return plan_scene(recipe, assets[0], size=SIZE, seed=3, index=index)


def still(scene):
    """The scene without what moves pixels."""
    moving = geometric_effects(scene.camera)
    return replace(scene, camera=tuple(effect for effect in scene.camera if effect not in moving))


def dressed(scene, **changes):
    return replace(scene, placements=tuple(replace(placement, **changes) for placement in scene.placements))


def amodal(instance, size=SIZE):
    """M ∩ F of an instance, from its run lengths alone."""
    x0, y0, x1, y1 = instance.amodal_bbox
    frame, local = window(instance.amodal_bbox, size)
    mask = np.zeros(size, dtype=bool)
    mask[frame] = decode_rle(instance.amodal_rle, (y1 - y0, x1 - x0))[local]
    return mask


def on_frame(layer, values):
    frame, local = window(layer.box, SIZE)
    canvas = np.zeros(SIZE, dtype=values.dtype)
    canvas[frame] = values[local]
    return canvas


@examples
@given(index=scenes, recipe=st.sampled_from([PLAIN, FULL, LARGE]))
def test_the_mask_algebra_holds(any_assets, index, recipe):
    scene = still(planned(any_assets, index, recipe))
    sample, layers = render_scene(scene, any_assets[1]), layers_of(scene, any_assets[1])
    in_frame = [on_frame(layer, layer.mask) for layer in layers]
    visible = []
    for position, mask in enumerate(in_frame):
        above = np.zeros(SIZE, dtype=bool)
        for upper in in_frame[position + 1 :]:
            above |= upper
        visible.append(mask & ~above)
    targets = [k for k, p in enumerate(scene.placements) if p.part == "target" and layers[k].mask.any()]
    shares = {k: visible[k].sum() / layers[k].mask.sum() for k in targets}
    labelled = [k for k in targets if shares[k] >= scene.min_visibility]
    hidden = [k for k in targets if k not in labelled]
    assert sample.unlabelled == len(hidden)
    for instance, k in zip(sample.hidden, hidden, strict=True):
        assert np.array_equal(amodal(instance), in_frame[k]) and instance.category == scene.placements[k].category
        assert instance.visibility == pytest.approx(shares[k])
    assert [instance.number for instance in sample.instances] == list(range(1, len(labelled) + 1))
    for instance, k in zip(sample.instances, labelled, strict=True):
        assert np.array_equal(sample.mask == instance.number, visible[k])
        assert np.array_equal(amodal(instance), in_frame[k])
        assert instance.foreground_id == scene.placements[k].foreground_id
        assert instance.area == visible[k].sum()
        assert instance.bbox == tight_box(visible[k])
        assert instance.amodal_area == layers[k].mask.sum()
        inside = in_frame[k].sum()
        assert instance.visibility == pytest.approx(shares[k])
        assert instance.truncation == pytest.approx(1 - inside / instance.amodal_area)
        assert instance.occlusion == pytest.approx(1 - visible[k].sum() / inside if inside else 0)


@examples
@given(index=scenes)
def test_a_moving_camera_keeps_the_algebra(any_assets, index):
    scene = planned(any_assets, index, FULL)
    sample = render_scene(scene, any_assets[1])
    owned = np.zeros(SIZE, dtype=bool)
    for instance in sample.instances:
        visible = sample.mask == instance.number
        assert not (visible & ~amodal(instance)).any() and not (visible & owned).any()
        assert instance.bbox == tight_box(visible) and instance.area == visible.sum()
        assert instance.visibility >= scene.min_visibility
        assert instance.amodal_area * (1 - instance.truncation) == pytest.approx(amodal(instance).sum())
        for above in sample.instances[instance.number :]:
            assert not (visible & amodal(above)).any()
        owned |= visible
    assert np.array_equal(owned, sample.mask > 0)


@examples
@given(index=scenes, data=st.data())
def test_blend_harmoniser_shadow_and_light_never_move_a_label(any_assets, index, data):
    scene = planned(any_assets, index, FULL)
    draw = np.random.default_rng(data.draw(scenes))
    sections = {
        "blend": BlendRecipe(modes=(data.draw(st.sampled_from(list(BLENDS))),)),
        "harmonize": HarmonizeRecipe(modes=(data.draw(st.sampled_from(list(HARMONIZERS))),)),
        "shadow": ShadowRecipe(modes=(data.draw(st.sampled_from(list(SHADOWS))),)),
    }
    light = LightRecipe(probability=1).draw(draw)
    other = dressed(scene, light=light, **{name: section.draw(draw) for name, section in sections.items()})
    photometric = replace(scene, camera=geometric_effects(scene.camera), linear_light=False)
    one = render_scene(scene, any_assets[1])
    for changed in (render_scene(other, any_assets[1]), render_scene(photometric, any_assets[1])):
        assert np.array_equal(one.mask, changed.mask)
        assert one.instances == changed.instances and one.unlabelled == changed.unlabelled


@examples
@given(index=scenes)
def test_image_equals_background_where_nothing_acts(any_assets, index):
    scene = dressed(replace(planned(any_assets, index, FULL), camera=()), shadow=Shadowless())
    bare = render_scene(replace(scene, placements=()), any_assets[1])
    full = render_scene(scene, any_assets[1])
    touched = np.zeros(SIZE, dtype=bool)
    for layer, placement in zip(layers_of(scene, any_assets[1]), scene.placements, strict=True):
        reach = 2 * placement.blend.reach + 1
        covered = cv2.dilate((layer.pixels[:, :, 3] > 0).astype(np.uint8), np.ones((reach, reach), np.uint8))
        touched |= on_frame(layer, covered > 0)
    assert np.array_equal(full.image[~touched], bare.image[~touched])


@examples
@given(index=scenes)
def test_a_shadow_darkens_what_lies_around_an_object_and_never_the_object(assets, index):
    scene = lone(assets)
    for kind in ("contact", "cast", "soft"):
        shaded = dressed(scene, shadow=ShadowRecipe(modes=(kind,)).draw(np.random.default_rng(index)))
        light, dark = (render_scene(each, assets[1]).image.astype(int) for each in (scene, shaded))
        (layer,) = layers_of(scene, assets[1])
        opaque = on_frame(layer, layer.pixels[:, :, 3] == 255) > 0
        assert np.array_equal(dark[opaque], light[opaque])
        assert (dark <= light).all() and (dark < light)[~opaque].any()


@examples
@given(index=scenes)
def test_pasting_above_never_enlarges_what_lies_below(any_assets, index):
    scene = planned(any_assets, index)
    below = replace(scene, placements=scene.placements[:-1], min_visibility=0.0)
    full = render_scene(replace(scene, min_visibility=0.0), any_assets[1])
    part = render_scene(below, any_assets[1])
    for lower, upper in zip(part.instances, full.instances, strict=False):
        assert not ((full.mask == upper.number) & ~(part.mask == lower.number)).any()


def test_a_transparent_cutout_changes_and_labels_nothing(assets):
    scene = lone(assets, source=Cutout(assets[0].targets[0].id, part=(0, 90, 40, 96)), scale=2.0)
    sample, bare = render_scene(scene, assets[1]), render_scene(replace(scene, placements=()), assets[1])
    assert np.array_equal(sample.image, bare.image)
    assert sample.instances == () and sample.unlabelled == 0 and not sample.mask.any()


def test_no_object_is_the_background_bit_exact(assets):
    cast, library = assets
    asset = cast.scenes[0]
    backdrop = Backdrop(asset.id, (0, 0, asset.width, asset.height), False)
    sample = render_scene(Scene("train", 0, "train-000000", (asset.height, asset.width), backdrop, ()), library)
    assert np.array_equal(sample.image, library.background(asset.id)[0])
    assert sample.label == 0 and not sample.mask.any() and sample.instances == ()


def lone(assets, source=None, blend=HARD, **changes):
    """One hard paste of the first target, at half its size unless the pose is changed."""
    cast, _ = assets
    placement = Placement(
        source=source or Cutout(cast.targets[0].id),
        category="handgun",
        part="target",
        pose=replace(HALF, **changes),
        blend=blend,
        harmonize=Unharmonized(),
        shadow=Shadowless(),
    )
    backdrop = Backdrop(cast.scenes[0].id, (0, 0, 128, 96), False)
    return Scene("train", 0, "train-000000", SIZE, backdrop, (placement,))


@examples
@given(dx=st.integers(-20, 20), dy=st.integers(-15, 15), rotation=st.floats(-180, 180))
def test_whole_pixel_shifts_move_every_label_equally(assets, dx, dy, rotation):
    here = render_scene(lone(assets, rotation=rotation), assets[1]).instances[0]
    there = render_scene(lone(assets, center=(64.0 + dx, 48.0 + dy), rotation=rotation), assets[1]).instances[0]
    assert there.amodal_rle == here.amodal_rle
    assert there.amodal_bbox == tuple(np.array(here.amodal_bbox) + [dx, dy, dx, dy])


@examples
@given(
    scale=st.floats(0.15, 3),
    rotation=st.floats(-180, 180),
    stretch=st.sampled_from([0.25, 0.7, 1, 2.5]),
    blend=st.sampled_from([Hard(), Feather(1.5)]),
)
def test_a_cutout_of_one_colour_stays_that_colour(assets, scale, rotation, stretch, blend):
    levels = assets[1].foreground(assets[0].targets[0].id)
    colour = levels[0][levels[0][:, :, 3] == 255][0, :3]
    pose = {"scale": scale, "rotation": rotation, "stretch": stretch}
    layer = warp_cutout(levels, lone(assets, blend=blend, **pose).placements[0])
    pixels = blend.apply(layer.pixels, layer.mask, np.zeros((*layer.mask.shape, 3), np.uint8))
    expected = pixels[:, :, 3:].astype(float) / 255 * colour
    assert np.abs(pixels[:, :, :3] - expected).max() <= 2  # roundings of the mip level and of the warp


@examples
@given(scale=st.floats(0.2, 1.5), stretch=st.floats(0.25, 4))
def test_area_grows_with_the_square_of_the_scale_and_with_no_stretch(assets, scale, stretch):
    one = render_scene(lone(assets, scale=1.0), assets[1]).instances[0]
    scaled = render_scene(lone(assets, scale=scale, stretch=stretch), assets[1]).instances[0]
    perimeter = 2 * (96 + 128) * max(scale, 1) * 2
    assert abs(scaled.amodal_area - scale**2 * one.amodal_area) <= perimeter


@examples
@given(index=scenes, recipe=st.sampled_from([PLAIN, FULL, LARGE]))
def test_a_mask_fills_its_footprint_and_leaves_it_nowhere(assets, index, recipe):
    scene, outlines = planned(assets, index, recipe), {asset.id: asset.outline for asset in assets[0].targets}
    for layer, placement in zip(layers_of(scene, assets[1]), scene.placements, strict=True):
        if placement.part == "target":
            pose = placement.pose
            hull = (outlines[placement.foreground_id] @ pose.linear.T + pose.center).astype(np.float32)
            y, x = np.nonzero(layer.mask)
            middles = np.column_stack([x, y]) + [layer.box[0] + 0.5, layer.box[1] + 0.5]
            around = cv2.convexHull(middles.astype(np.float32))[:, 0]
            assert min(cv2.pointPolygonTest(hull, point.tolist(), True) for point in around) >= -1
            assert min(cv2.pointPolygonTest(around, point.tolist(), True) for point in hull) >= -3


@pytest.mark.parametrize("stretch", [0.25, 0.7, 1.4, 2.0, 4.0])
@pytest.mark.parametrize("rotation", [0.0, 33.0, 90.0])
def test_a_stretched_object_is_that_of_a_picture_of_another_aspect_squeezed_into_the_frame(assets, stretch, rotation):
    """The picture is rendered large, without a stretch, and averaged down to the frame."""
    wide, high, large = stretch**0.5, stretch**-0.5, 8
    size = (round(SIZE[0] * large * high), round(SIZE[1] * large * wide))
    scene = lone(assets, scale=0.4, rotation=rotation, stretch=stretch)
    other = lone(assets, scale=0.4 * large, rotation=rotation, center=(size[1] / 2, size[0] / 2))
    picture = render_scene(replace(other, size=size), assets[1])
    expected = cv2.resize((picture.mask > 0).astype(np.float32), SIZE[::-1], interpolation=cv2.INTER_AREA) >= 0.5
    found = render_scene(scene, assets[1]).mask > 0
    assert (expected & found).sum() / (expected | found).sum() > 0.95


@pytest.mark.parametrize("stretch", [2.0, 3.0, 4.0])
def test_what_is_squeezed_is_averaged_and_not_left_to_the_samples(assets, stretch):
    """A fence of posts of one pixel, four pixels apart, is a quarter everywhere."""
    fence = np.zeros((64, 256, 4), dtype=np.uint8)
    fence[:, ::4] = 255
    (placement,) = lone(assets, scale=stretch**0.5 / 4, stretch=stretch).placements
    alpha = warp_cutout((fence,), placement).pixels[:, :, 3]
    rows, columns = np.nonzero(alpha > 30)
    inside = alpha[rows.min() + 2 : rows.max() - 1, columns.min() + 2 : columns.max() - 1]
    assert np.abs(inside.astype(int) - 64).max() <= 48 and abs(inside.mean() - 64) < 4


def test_a_squeezed_background_is_averaged(assets):
    stripes = np.zeros((96, 128 * 4, 3), dtype=np.uint8)
    stripes[:, ::4] = 255
    image = warp_backdrop((stripes,), Backdrop("any", (0, 0, 128 * 4, 96), False), SIZE)
    assert np.abs(image.astype(int) - 64).max() <= 1


@examples
@given(scale=st.floats(0.3, 1.5), rotation=st.floats(-180, 180))
def test_flipping_twice_is_identity(assets, scale, rotation):
    """Mirroring the cutout and turning the other way mirrors its coverage; doing so twice gives it back."""
    plain = lone(assets, scale=scale, rotation=rotation)
    mirrored = lone(assets, scale=scale, rotation=-rotation, flip=True)
    (here,), (there,) = (layers_of(scene, assets[1]) for scene in (plain, mirrored))
    coverage, again = on_frame(here, here.pixels[:, :, 3]), on_frame(there, there.pixels[:, :, 3])[:, ::-1]
    assert np.abs(coverage.astype(int) - again).max() <= 24  # OpenCV warps in steps of 1/32 pixel
    differing = on_frame(here, here.mask) != on_frame(there, there.mask)[:, ::-1]
    assert (np.abs(coverage[differing].astype(int) - 128) <= 24).all()  # only where coverage is about one half


def test_holes_stay_open_at_every_scale(assets):
    for scale in (0.25, 0.5, 1.0):
        mask = render_scene(lone(assets, scale=scale), assets[1]).mask
        _, hierarchy = cv2.findContours((mask > 0).astype(np.uint8), cv2.RETR_CCOMP, cv2.CHAIN_APPROX_SIMPLE)
        assert (hierarchy[0][:, 3] >= 0).any()


def test_parts_cut_in_two_stay_one_instance(assets):
    target = lone(assets, scale=1.0)
    bar = replace(target.placements[0], part="occluder", pose=Pose(0.25, 90.0, False, (80.0, 25.0)))
    sample = render_scene(replace(target, placements=(target.placements[0], bar)), assets[1])
    count, _ = cv2.connectedComponents((sample.mask == 1).astype(np.uint8))
    assert count > 2 and len(sample.instances) == 1


def test_an_opaque_hard_paste_is_the_object(assets):
    scene = lone(assets, scale=1.0)
    sample = render_scene(scene, assets[1])
    (layer,) = layers_of(scene, assets[1])
    frame, local = window(layer.box, SIZE)
    opaque = layer.pixels[local][:, :, 3] == 255
    assert np.array_equal(sample.image[frame][opaque], layer.pixels[local][:, :, :3][opaque])


@pytest.mark.parametrize("linear", [True, False])
def test_a_soft_paste_is_the_over_operator_within_one_level(assets, linear):
    scene = replace(lone(assets, scale=0.7, rotation=31.0), linear_light=linear)
    sample = render_scene(scene, assets[1])
    below = warp_backdrop(assets[1].background(scene.background_id), scene.backdrop, SIZE)
    (layer,) = layers_of(scene, assets[1])
    frame, local = window(layer.box, SIZE)
    pixels = layer.pixels[local].astype(float)
    share = pixels[:, :, 3:] / 255
    if linear:
        straight = np.clip(np.rint(pixels[:, :, :3] / np.maximum(share, 1e-6)), 0, 255).astype(np.uint8)
        expected = share * decode_srgb(straight) + (1 - share) * decode_srgb(below[frame])
        found = decode_srgb(sample.image[frame])
        step = np.diff(decode_srgb(np.arange(256, dtype=np.uint8))).max()
        assert np.abs(found - expected).max() <= step
    else:
        expected = pixels[:, :, :3] + (1 - share) * below[frame]
        assert np.abs(sample.image[frame] - expected).max() <= 1


def test_an_object_too_hidden_is_seen_but_not_labelled(assets):
    target = lone(assets, scale=1.0)
    cover = replace(target.placements[0], part="occluder", pose=Pose(1.0, 0.0, False, (64.0, 50.0)))
    scene = replace(target, placements=(target.placements[0], cover), min_visibility=0.5)
    sample = render_scene(scene, assets[1])
    assert sample.unlabelled == 1 and sample.instances == () and sample.label == 0 and not sample.mask.any()
    (seen,) = render_scene(replace(scene, min_visibility=0.0), assets[1]).instances
    (hidden,) = sample.hidden
    assert (hidden.category, hidden.amodal_bbox, hidden.amodal_rle) == ("handgun", seen.amodal_bbox, seen.amodal_rle)
    assert 0 < hidden.visibility == seen.visibility < 0.5


def test_rendering_is_indifferent_to_opencv_threads(any_assets):
    before = cv2.getNumThreads()
    for index in range(12):
        scene, images = planned(any_assets, index, FULL), []
        for threads in (1, 4):
            cv2.setNumThreads(threads)
            images.append(render_scene(scene, any_assets[1]).image)
        cv2.setNumThreads(before)
        assert np.array_equal(*images)


@examples
@given(index=scenes)
def test_a_scene_renders_the_same_from_its_json(any_assets, index):
    scene = planned(any_assets, index, FULL)
    one, other = render_scene(scene, any_assets[1]), render_scene(Scene.from_json(scene.to_json()), any_assets[1])
    assert np.array_equal(one.image, other.image) and one.instances == other.instances
