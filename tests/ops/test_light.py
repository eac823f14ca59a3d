"""An object's own light: colours change, coverage never does."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from synthgen.ops.light import Light, LightRecipe
from synthgen.ops.premultiplied import straight_colour
from synthgen.ops.srgb import decode_srgb

AS_IT_IS = Light(grey=False, gamma=1.0, contrast=1.0, gain=1.0, tint=(1.0, 1.0, 1.0))


def soft_square(seed=1):
    """A square of random colours whose coverage falls off at its left edge, premultiplied."""
    alpha = np.zeros((20, 24), np.float64)
    alpha[4:16, 4:20] = 255
    alpha[4:16, 4] = 90
    colour = np.random.default_rng(seed).integers(30, 200, (20, 24, 3))
    return np.rint(np.dstack([colour * alpha[:, :, None] / 255, alpha])).astype(np.uint8)


def drawn(seed):
    return LightRecipe(probability=1).draw(np.random.default_rng(seed))


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 10_000))
def test_alpha_stays_and_no_colour_exceeds_it(seed):
    layer = soft_square(seed)
    lit = drawn(seed).apply(layer)
    assert np.array_equal(lit[:, :, 3], layer[:, :, 3])
    assert (lit[:, :, :3] <= lit[:, :, 3:]).all()


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 10_000))
def test_json_round_trip_is_exact(seed):
    assert Light.from_json(drawn(seed).to_json()) == drawn(seed)


def test_a_light_that_changes_nothing_changes_nothing():
    layer = soft_square()
    assert np.abs(AS_IT_IS.apply(layer).astype(int) - layer).max() <= 1


@pytest.mark.parametrize("gain", [0.5, 2.0])
def test_gain_multiplies_linear_light_on_both_sides_of_1(gain):
    layer = np.full((8, 8, 4), 255, np.uint8)
    layer[:, :, :3] = 120
    before, after = (decode_srgb(pixels[:, :, :3]) for pixels in (layer, replace(AS_IT_IS, gain=gain).apply(layer)))
    assert after == pytest.approx(gain * before, rel=0.02)


def test_tint_leaves_the_channel_of_factor_1():
    lit = replace(AS_IT_IS, tint=(1.3, 1.0, 0.7)).apply(soft_square())
    inner, before = lit[6:14, 6:18].astype(int), soft_square()[6:14, 6:18].astype(int)
    assert (inner[:, :, 0] > before[:, :, 0]).all() and (inner[:, :, 2] < before[:, :, 2]).all()
    assert np.array_equal(inner[:, :, 1], before[:, :, 1])


def test_contrast_spreads_about_the_objects_mean():
    inner = np.s_[6:14, 6:18, :3]
    before = soft_square()[inner].astype(float)
    after = replace(AS_IT_IS, contrast=0.5).apply(soft_square())[inner].astype(float)
    assert after.mean() == pytest.approx(before.mean(), abs=8) and after.std() == pytest.approx(
        before.std() / 2, rel=0.1
    )


def test_grey_is_grey_until_the_tint():
    colour = straight_colour(replace(AS_IT_IS, grey=True).apply(soft_square()))[6:14, 6:18]
    assert np.ptp(colour, axis=2).max() <= 1
    tinted = straight_colour(replace(AS_IT_IS, grey=True, tint=(1.4, 1.0, 1.0)).apply(soft_square()))[6:14, 6:18]
    assert (tinted[:, :, 0] > tinted[:, :, 1]).all()


def test_an_object_of_no_coverage_stays_empty():
    assert not drawn(3).apply(np.zeros((5, 5, 4), np.uint8)).any()


def test_half_of_the_gains_lie_below_1():
    lights = [drawn(seed) for seed in range(400)]
    assert np.mean([light.gain < 1 for light in lights]) == pytest.approx(0.5, abs=0.08)
    assert np.mean([light.grey for light in lights]) == pytest.approx(0.1, abs=0.05)


@pytest.mark.parametrize(
    "section", [{"gain": {"min": 0, "max": 1}}, {"probability": 2}, {"tint": {"min": -1, "max": 1}}]
)
def test_bad_sections_are_refused(section):
    with pytest.raises(ValidationError):
        LightRecipe.model_validate(section)
