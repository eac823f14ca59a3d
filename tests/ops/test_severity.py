"""A camera at five severities: from next to harmless to the preset's worst end, alike for whoever asks."""

from itertools import pairwise

import cv2
import numpy as np
import pytest

from synthgen.core.ranges import CountRange, FloatRange
from synthgen.ops.camera.presets import PRESETS
from synthgen.ops.camera.registry import EFFECTS, CameraRecipe
from synthgen.ops.camera.sensor import SensorNoise
from synthgen.ops.camera.severity import CAMERAS, HARMLESS, SEVERITIES, chain_at, degraded, recipes_at
from synthgen.ops.camera.tone import Grey

HAPPENS = {"infrared", "timestamp"}  # there is no little of them
every_camera = pytest.mark.parametrize("camera", CAMERAS)


def picture(rows=180, columns=240):
    coarse = np.random.default_rng(2).integers(20, 230, (18, 24, 3), dtype=np.uint8)
    return cv2.resize(coarse, (columns, rows), interpolation=cv2.INTER_CUBIC)


def ranges(recipe):
    return {name: value for name, value in recipe if isinstance(value, FloatRange | CountRange)}


def test_every_preset_but_the_clean_one_is_a_camera():
    assert set(CAMERAS) == set(PRESETS) - {"clean"}


@pytest.mark.parametrize("name", HARMLESS)
def test_an_effect_is_harmless_where_the_table_says_so(name):
    there = {field: {"min": value, "max": value} for field, value in HARMLESS[name].items()}
    (effect,) = CameraRecipe.model_validate({name: there}).draw(np.random.default_rng(1))
    image = Grey().apply(picture()) if name == "compression" else picture()  # JPEG halves the colour at any quality
    assert np.abs(effect.apply(image).astype(int) - image).max() <= 1


@every_camera
def test_the_table_knows_every_effect_that_a_preset_has(camera):
    assert set(recipes_at(camera, 5)) <= HARMLESS.keys() | HAPPENS
    assert {name for name in PRESETS[camera] if EFFECTS[name].moves} and not {
        name for name in recipes_at(camera, 5) if EFFECTS[name].moves
    }  # what moves pixels would move them away from their boxes


@every_camera
def test_at_the_last_severity_every_range_has_reached_its_worst_end(camera):
    whole = CameraRecipe(preset=camera)
    for name, recipe in recipes_at(camera, 5).items():
        full = ranges(getattr(whole, name))
        for field, found in ranges(recipe).items():
            harmless = HARMLESS.get(name, {}).get(field)
            if harmless is None or full[field].min < harmless < full[field].max:
                assert (found.min, found.max) == pytest.approx((full[field].min, full[field].max))
            else:
                far = max(full[field].min, full[field].max, key=lambda end: abs(end - harmless))
                assert (found.min, found.max) == pytest.approx((far, far))


def test_severity_moves_ranges_and_frequencies_in_equal_steps():
    exposures = [recipes_at("cctv-night", severity)["low_light"].exposure.min for severity in SEVERITIES]
    assert exposures == pytest.approx([0.824, 0.648, 0.472, 0.296, 0.12])
    reds = [recipes_at("webcam", severity)["white_balance"].red for severity in SEVERITIES]
    assert [red.min for red in reds] == pytest.approx([0.97, 0.94, 0.91, 0.88, 0.85])
    assert [red.max for red in reds] == pytest.approx([1.04, 1.08, 1.12, 1.16, 1.2])
    shares = [recipes_at("cctv-night", severity)["infrared"].probability for severity in SEVERITIES]
    assert shares == pytest.approx([0.12, 0.24, 0.36, 0.48, 0.6])
    assert recipes_at("cctv-night", 1)["motion_blur"].probability == 0.5


@every_camera
def test_draws_are_named_by_the_picture_and_shared_by_all_severities(camera):
    chains = [chain_at(camera, severity, "night-two") for severity in SEVERITIES]
    places = {(effect.x, effect.y, effect.mono) for chain in chains for effect in chain if type(effect) is SensorNoise}
    assert len(places) == 1
    names = [{type(effect) for effect in chain} for chain in chains]
    assert all(fewer <= more for fewer, more in pairwise(names))
    assert chain_at(camera, 3, "night-two") == chains[2] != chain_at(camera, 3, "night-three")


@every_camera
@pytest.mark.parametrize("size", [(180, 240), (416, 300)])
def test_each_severity_changes_a_picture_more_than_the_one_before(camera, size):
    image = picture(*size)
    changes = np.zeros(len(SEVERITIES))
    for name in "abcd":
        seen = [degraded(image, camera, severity, name) for severity in SEVERITIES]
        assert all(found.shape == image.shape and found.dtype == np.uint8 for found in seen)
        changes += [np.abs(found.astype(int) - image).mean() for found in seen]
    assert (np.diff(changes) > 0).all() and changes[0] < changes[-1] / 2
    np.testing.assert_array_equal(image, picture(*size))
    np.testing.assert_array_equal(seen[-1], degraded(image, camera, 5, "d"))


def test_large_pictures_are_recorded_at_fewer_rows_until_their_detail_is_gone():
    """A checkerboard of single pixels: all of its contrast lies where 240 rows of 960 have nothing."""
    board = np.indices((960, 960)).sum(axis=0) % 2 * 200
    image = np.repeat(board[:, :, None], 3, axis=2).astype(np.uint8)
    contrasts = [degraded(image, "webcam", severity, "a")[400:500, 400:500].std() for severity in SEVERITIES]
    assert contrasts[0] < 60 and contrasts[-1] < 20
