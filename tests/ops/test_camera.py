"""The camera: each effect does what its name says, and the chain is drawn and ordered as documented."""

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from synthgen.ops.camera.effect import Geometric, Photometric
from synthgen.ops.camera.geometry import Distortion, RollingShutter, move_image, move_masks
from synthgen.ops.camera.isp import Gamma, Sharpen, WhiteBalance
from synthgen.ops.camera.optics import ChromaticAberration, Defocus, Vignette
from synthgen.ops.camera.presets import PRESETS
from synthgen.ops.camera.recording import Compression, Interlace, Rescale, Timestamp
from synthgen.ops.camera.registry import EFFECTS, CameraRecipe, expose, geometric_effects
from synthgen.ops.camera.sensor import HotPixels, Infrared, LowLight, SensorNoise
from synthgen.ops.camera.shutter import MotionBlur
from synthgen.ops.camera.tone import Contrast, Exposed, Grey, Saturation
from synthgen.ops.choice import op_from_json, op_to_json
from synthgen.ops.noise_fields import uniform_rows
from synthgen.ops.srgb import decode_srgb

SIZE = (72, 96)
every_effect = pytest.mark.parametrize("name", EFFECTS)
every_preset = pytest.mark.parametrize("preset", PRESETS)


def picture(seed=2):
    coarse = np.random.default_rng(seed).integers(20, 230, (9, 12, 3), dtype=np.uint8)
    return cv2.resize(coarse, (SIZE[1], SIZE[0]), interpolation=cv2.INTER_CUBIC)


def flat(code=120):
    return np.full((*SIZE, 3), code, np.uint8)


def drawn(name, seed=4):
    (effect,) = CameraRecipe.model_validate({name: {}}).draw(np.random.default_rng(seed))
    return effect


def edge_width(image):
    """Sharpness: the steepest step along a row, as a share of the whole step."""
    row = image[36, :, 1].astype(int)
    return np.abs(np.diff(row)).max() / max(np.ptp(row), 1)


def step():
    image = flat(40)
    image[:, 48:] = 200
    return image


@every_effect
def test_json_round_trip(name):
    assert op_from_json(EFFECTS, op_to_json(EFFECTS, drawn(name))) == drawn(name)


@every_effect
@pytest.mark.parametrize("seed", range(3))
def test_shape_and_type_are_kept_and_the_input_is_left_alone(name, seed):
    image = picture()
    before = image.copy()
    result = expose(image, (drawn(name, seed),))
    assert result.shape == image.shape and result.dtype == np.uint8
    assert np.array_equal(image, before) and not np.array_equal(result, image)


@every_effect
def test_an_effect_repeats_exactly_whatever_the_threads(name):
    effect, before, results = drawn(name), cv2.getNumThreads(), []
    for threads in (1, 4):
        cv2.setNumThreads(threads)
        results.append(expose(picture(), (effect,)))
    cv2.setNumThreads(before)
    assert np.array_equal(*results)


def test_defocus_and_motion_blur_soften_a_step_by_their_width():
    assert edge_width(Defocus(3.0).apply(step())) == pytest.approx(2 / (3 * np.pi), abs=0.02)  # diameter over area
    assert edge_width(MotionBlur(8.0, 0.0).apply(step())) == pytest.approx(1 / 8, abs=0.03)
    assert (
        edge_width(MotionBlur(8.0, 90.0).apply(step())) > 0.45
    )  # along the edge it does nothing but soften by a pixel


@pytest.mark.parametrize("spot", [(48, 36), (80, 60), (10, 20)])
def test_chromatic_aberration_moves_red_outwards_and_blue_inwards_by_the_distance_from_the_middle(spot):
    rows, columns = np.mgrid[: SIZE[0], : SIZE[1]]
    light = 240 * np.exp(-((columns - spot[0]) ** 2 + (rows - spot[1]) ** 2) / 8)
    image = np.repeat(np.rint(light)[:, :, None], 3, axis=2).astype(np.uint8)
    result = ChromaticAberration(3.0).apply(image).astype(float)
    middle, corner = np.array([SIZE[1] - 1, SIZE[0] - 1]) / 2, np.hypot(*SIZE) / 2
    for channel, sign in ((0, 1), (2, -1)):
        weights = result[:, :, channel] / result[:, :, channel].sum()
        found = np.array([(weights * columns).sum(), (weights * rows).sum()])
        assert found == pytest.approx(middle + (spot - middle) * (1 + sign * 3.0 / corner), abs=0.1)
    assert np.array_equal(result[:, :, 1], image[:, :, 1])  # labels follow green


def test_vignette_darkens_the_corners_by_its_strength():
    result = Vignette(0.4).apply(flat(200))
    assert result[36, 48, 0] == 200 and result[0, 0, 0] == pytest.approx(200 * 0.6, abs=3)


def test_low_light_multiplies_light():
    result = LowLight(0.25).apply(flat(188))
    assert decode_srgb(result)[0, 0, 0] == pytest.approx(0.25 * decode_srgb(flat(188))[0, 0, 0], abs=0.004)


def test_infrared_is_grey_and_weighs_red_by_its_share():
    image = picture()
    result = Infrared(0.6).apply(image)
    expected = image @ np.array([0.6, 0.2, 0.2])
    assert np.abs(result - expected[:, :, None]).max() <= 0.51


@pytest.mark.parametrize("code", [30, 120, 220])
def test_noise_has_the_variance_of_shot_and_read_noise(code):
    gain, read = 0.001, 0.003
    result = SensorNoise(gain, read, 5, 9, False).apply(flat(code)).astype(float) - code
    light = float(decode_srgb(np.array([code], np.uint8))[0])
    slope = (
        float(decode_srgb(np.array([code + 1], np.uint8))[0]) - float(decode_srgb(np.array([code - 1], np.uint8))[0])
    ) / 2
    assert result.std() == pytest.approx(np.sqrt(gain * light + read**2) / slope, rel=0.06)
    assert abs(result.mean()) < 0.35


def test_mono_noise_is_the_same_in_all_channels():
    result = SensorNoise(0.001, 0.003, 0, 0, True).apply(flat())
    assert np.array_equal(result[:, :, 0], result[:, :, 2])


def test_hot_pixels_are_as_many_as_said_and_bright():
    changed = (HotPixels(7, 100).apply(flat(10)) != 10).any(axis=2)
    rows = uniform_rows(100, 7)
    assert changed.sum() == len({(int(y * SIZE[0]), int(x * SIZE[1])) for y, x in rows[:, :2]})
    assert (HotPixels(7, 100).apply(flat(10))[changed] >= 128).all()


@pytest.mark.parametrize("gain", [0.5, 2.0])
def test_exposure_multiplies_light_on_both_sides_of_1(gain):
    assert decode_srgb(Exposed(gain).apply(flat(110)))[0, 0, 0] == pytest.approx(
        gain * decode_srgb(flat(110))[0, 0, 0], rel=0.02
    )
    assert (Exposed(4.0).apply(flat(250)) == 255).all()
    gains = [drawn("exposure", seed).gain for seed in range(300)]
    assert 0.5 <= min(gains) and max(gains) <= 2 and np.mean(np.array(gains) < 1) == pytest.approx(0.5, abs=0.1)


def test_contrast_keeps_the_mean_and_scales_the_deviation():
    before, after = picture().astype(float), Contrast(0.5).apply(picture()).astype(float)
    assert after.mean() == pytest.approx(before.mean(), abs=3) and after.std() == pytest.approx(
        before.std() / 2, rel=0.1
    )


def test_saturation_scales_colour_and_keeps_grey():
    image = picture()
    assert np.ptp(Saturation(0.0).apply(image).astype(int), axis=2).max() <= 1
    assert np.array_equal(Saturation(1.7).apply(flat(90)), flat(90))
    assert np.ptp(Saturation(1.3).apply(image).astype(int), axis=2).mean() > np.ptp(image.astype(int), axis=2).mean()


def test_a_grey_picture_has_the_luma_of_the_colours():
    result = Grey().apply(picture())
    assert np.abs(result - (picture() @ [0.299, 0.587, 0.114])[:, :, None]).max() <= 1


def test_a_share_of_pictures_is_clean_and_the_others_stay_as_they_were():
    some, all_of_them = (CameraRecipe.model_validate({"preset": "webcam", "clean": share}) for share in (0.3, 0))
    chains = [[recipe.draw(np.random.default_rng(seed)) for recipe in (some, all_of_them)] for seed in range(400)]
    assert np.mean([chain == () for chain, _ in chains]) == pytest.approx(0.3, abs=0.07)
    assert all(chain == usual for chain, usual in chains if chain)


def test_white_balance_leaves_green_and_gamma_below_1_lifts_shadows():
    balanced = WhiteBalance(1.3, 0.7).apply(flat(120))[0, 0]
    assert balanced[0] > 120 == balanced[1] > balanced[2]
    assert Gamma(0.7).apply(flat(40))[0, 0, 0] > 40 and Gamma(0.7).apply(flat(255))[0, 0, 0] == 255


def test_sharpening_leaves_halos():
    result = Sharpen(1.0, 1.0).apply(step())
    assert result.min() < 40 and result.max() > 200


def test_rescale_loses_detail_and_interlace_the_odd_rows():
    fine = flat(0)
    fine[::2] = 255
    assert np.ptp(Rescale(0.5).apply(fine)) < 60
    assert (Interlace(1.0).apply(fine) == 255).all()


def test_compression_of_several_generations_shifts_its_blocks():
    image = picture()
    once, twice = Compression((20,), 3).apply(image), Compression((20, 20), 3).apply(image)
    assert not np.array_equal(once, twice)
    jumps = np.abs(np.diff(once[:, :, 1].astype(int), axis=1)).mean(axis=0)
    assert jumps[7::8].mean() > 1.2 * np.delete(jumps, np.s_[7::8]).mean()  # blocks of 8 begin at 0


@pytest.mark.parametrize("corner", range(4))
def test_the_timestamp_keeps_to_its_corner(corner):
    changed = (Timestamp("12:30", 0.1, corner).apply(flat()) != 120).any(axis=2)
    rows, columns = np.nonzero(changed)
    assert (rows.mean() < 36) == (corner < 2) and (columns.mean() < 48) == (corner % 2 == 0)


lenses, shutters = st.floats(-0.3, 0.5).map(Distortion), st.floats(-0.3, 0.3).map(RollingShutter)
geometries = st.one_of(st.tuples(lenses), st.tuples(shutters), st.tuples(lenses, shutters))


@settings(max_examples=40, deadline=None)
@given(effects=geometries)
def test_every_pixel_of_the_frame_comes_from_within_the_frame(effects):
    x, y = np.meshgrid(np.arange(SIZE[1], dtype=np.float32) + 0.5, np.arange(SIZE[0], dtype=np.float32) + 0.5)
    for effect in reversed(effects):
        x, y = effect.source(x, y, SIZE)
    assert x.min() >= 0 and x.max() <= SIZE[1] and y.min() >= 0 and y.max() <= SIZE[0]


@settings(max_examples=40, deadline=None)
@given(effects=geometries, left=st.integers(-30, 90), top=st.integers(-30, 60))
def test_image_and_mask_move_by_one_map(effects, left, top):
    height, width = 24, 31
    full = np.zeros((SIZE[0] + 80, SIZE[1] + 80), bool)
    full[40 + top : 40 + top + height, 40 + left : 40 + left + width] = True
    frame = full[40:-40, 40:-40]
    moved_image = move_image(np.repeat(frame[:, :, None].astype(np.uint8) * 255, 3, axis=2), effects)[:, :, 0]
    place = (left, top, left + width, top + height)
    ((mask, box),) = move_masks([np.ones((height, width), bool)], [place], effects, SIZE)
    canvas = np.zeros((SIZE[0] + 400, SIZE[1] + 400), bool)
    canvas[200 + box[1] : 200 + box[3], 200 + box[0] : 200 + box[2]] = mask
    moved_mask = canvas[200:-200, 200:-200]
    assert (moved_mask[moved_image > 254]).all() and not moved_mask[moved_image < 1].any()
    assert not (mask[0].any() or mask[-1].any() or mask[:, 0].any() or mask[:, -1].any())  # nothing is cut off


def test_barrel_distortion_bends_lines_outwards():
    image = flat(0)
    image[8:11] = 255
    rows = np.arange(SIZE[0])[:, None]
    weights = move_image(image, [Distortion(0.3)])[:, :, 0].astype(float)
    middle = (weights * rows).sum(axis=0) / weights.sum(axis=0)
    assert middle[48] < middle[10] - 1


@every_preset
def test_presets_draw_in_physical_order_and_repeat(preset):
    recipe, order = CameraRecipe(preset=preset), list(EFFECTS.values())
    for seed in range(20):
        chain = recipe.draw(np.random.default_rng(seed))
        places = [order.index(type(effect)) for effect in chain]
        assert places == sorted(places)
        assert chain == recipe.draw(np.random.default_rng(seed))
    assert bool(chain) == (preset != "clean")


@pytest.mark.parametrize("kind", [Photometric, Geometric])
def test_an_effect_without_its_method_cannot_be_made(kind):
    with pytest.raises(TypeError, match="abstract"):
        type("Unfinished", (kind,), {})()


def test_geometric_effects_act_once_and_at_the_place_of_the_first():
    chain = (Defocus(1.0), Distortion(0.2), RollingShutter(0.05), Vignette(0.3))
    expected = Vignette(0.3).apply(move_image(Defocus(1.0).apply(picture()), chain[1:3]))
    assert np.array_equal(expose(picture(), chain), expected)
    assert geometric_effects(chain) == chain[1:3]


def test_a_preset_can_be_changed_effect_by_effect():
    recipe = CameraRecipe.model_validate(
        {"preset": "webcam", "noise": None, "defocus": {"radius": {"min": 2, "max": 2}}}
    )
    assert recipe.noise is None and recipe.defocus.radius.min == 2 and recipe.sharpen is not None


def test_probability_is_the_share_of_scenes():
    recipe = CameraRecipe.model_validate({"defocus": {"probability": 0.3}})
    share = np.mean([bool(recipe.draw(np.random.default_rng(seed))) for seed in range(500)])
    assert share == pytest.approx(0.3, abs=0.07)


@pytest.mark.parametrize(
    "section",
    [
        {"preset": "phone"},
        {"blur": {}},
        {"clean": 1.5},
        {"exposure": {"gain": {"min": 0, "max": 1}}},
        {"defocus": {"radius": {"min": -1, "max": 2}}},
        {"distortion": {"k": {"min": 0, "max": 2}}},
        {"noise": {"gain": {"min": 0, "max": 2}}},
        {"compression": {"quality": {"min": 0, "max": 50}}},
    ],
)
def test_bad_sections_are_refused(section):
    with pytest.raises(ValidationError):
        CameraRecipe.model_validate(section)
