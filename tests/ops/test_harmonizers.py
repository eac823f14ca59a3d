"""Harmonisers: one suite that every registered one meets, and what each promises."""

import numpy as np
import pytest
from pydantic import ValidationError

from synthgen.ops.choice import op_from_json, op_to_json
from synthgen.ops.harmonize.exposure import Exposure
from synthgen.ops.harmonize.histogram import Histogram
from synthgen.ops.harmonize.registry import HARMONIZERS, HarmonizeRecipe
from synthgen.ops.harmonize.reinhard import Reinhard
from synthgen.ops.harmonize.relight import Relight
from synthgen.ops.srgb import decode_srgb

every_one = pytest.mark.parametrize("name", HARMONIZERS)


def drawn(name, seed=3):
    return HarmonizeRecipe(modes=(name,)).draw(np.random.default_rng(seed))


def textured(seed=0, low=60, high=200):
    """An opaque block with a transparent rim, noisy grey."""
    rng = np.random.default_rng(seed)
    layer = np.zeros((40, 50, 4), np.uint8)
    layer[4:36, 4:46, :3] = rng.integers(low, high, (32, 42, 1))
    layer[4:36, 4:46, 3] = 255
    return layer


def scene(colour, spread=20, seed=1):
    noise = np.random.default_rng(seed).normal(0, spread, (40, 50, 3))
    return np.clip(np.array(colour) + noise, 0, 255).astype(np.uint8)


def applied(op, layer, below):
    return op.apply(layer, layer[:, :, 3] >= 128, below)


@every_one
def test_json_round_trip(name):
    assert op_from_json(HARMONIZERS, op_to_json(HARMONIZERS, drawn(name))) == drawn(name)


@every_one
def test_coverage_is_untouched_and_inputs_are_left_alone(name):
    layer, below = textured(), scene((90, 110, 70))
    before = layer.copy(), below.copy()
    result = applied(drawn(name), layer, below)
    assert np.array_equal(result[:, :, 3], layer[:, :, 3]) and not result[layer[:, :, 3] == 0].any()
    assert np.array_equal(layer, before[0]) and np.array_equal(below, before[1])


@every_one
@pytest.mark.parametrize("below", [scene((0, 0, 0), 0), scene((255, 255, 255), 0), scene((80, 90, 200))])
def test_a_flat_cutout_stays_finite(name, below):
    layer = textured(low=100, high=101)
    result = applied(drawn(name), layer, below)
    inside = result[layer[:, :, 3] == 255][:, :3].astype(int)
    assert np.ptp(inside, axis=0).max() <= 160  # a gradient at most, no noise blown up


@pytest.mark.parametrize("op", [Reinhard(0.0), Histogram(0.0), Exposure(0.0), Relight(0.0)])
def test_strength_0_changes_nothing(op):
    layer = textured()
    assert np.abs(applied(op, layer, scene((200, 40, 40))).astype(int) - layer).max() <= 1


def test_reinhard_at_full_strength_takes_the_scenes_mean():
    layer, below = textured(), scene((150, 120, 90))
    result = applied(Reinhard(1.0), layer, below)[layer[:, :, 3] == 255][:, :3]
    assert np.abs(result.mean(axis=0) - [150, 120, 90]).max() <= 4


def test_histogram_at_full_strength_takes_the_scenes_quantiles():
    layer, below = textured(), scene((150, 120, 90))
    result = applied(Histogram(1.0), layer, below)[layer[:, :, 3] == 255][:, :3]
    shares = [5, 25, 50, 75, 95]
    assert np.abs(np.percentile(result, shares, axis=0) - np.percentile(below, shares, axis=(0, 1))).max() <= 4


def test_exposure_multiplies_light_by_that_of_a_grey_world():
    layer, below = textured(low=120, high=121), scene((64, 64, 32), spread=0)
    result = applied(Exposure(1.0), layer, below)[20, 20, :3]
    gains = decode_srgb(np.array([64, 64, 32], np.uint8)) / 0.18
    expected = decode_srgb(np.array([120], np.uint8)) * np.clip(gains, 0.08, None)
    assert np.abs(decode_srgb(result) - expected).max() <= 0.004


def test_relight_is_brighter_on_the_bright_side():
    below = np.zeros((40, 50, 3), np.uint8)
    below[:, 30:] = 220
    result = applied(Relight(0.5), textured(low=120, high=121), below)
    assert result[20, 40, 0] > 150 > 100 > result[20, 8, 0]
    assert abs(int(result[8, 25, 0]) - int(result[32, 25, 0])) <= 1


def test_strength_beyond_0_to_1_is_refused():
    with pytest.raises(ValidationError, match="not within 0–1"):
        HarmonizeRecipe.model_validate({"reinhard": {"strength": {"min": 0, "max": 1.5}}})
