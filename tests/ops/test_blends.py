"""Blends: one suite that every registered blend meets, and what is special to each."""

import numpy as np
import pytest
from scipy.ndimage import distance_transform_edt

from synthgen.ops.blend.feather import feather
from synthgen.ops.blend.registry import BLENDS, BlendRecipe, blend_from_json, blend_to_json

every_blend = pytest.mark.parametrize("name", BLENDS)


def disc(side=40, radius=14):
    rows, columns = np.mgrid[:side, :side] - side / 2 + 0.5
    alpha = np.clip(radius + 0.5 - np.hypot(rows, columns), 0, 1)
    return np.rint(alpha[:, :, None] * np.array([200, 120, 40, 255])).astype(np.uint8)


def drawn(name, seed=3):
    return BlendRecipe(modes=(name,)).draw(np.random.default_rng(seed))


@every_blend
def test_json_round_trip(name):
    assert blend_from_json(blend_to_json(drawn(name))) == drawn(name)


@every_blend
def test_same_seed_same_draw(name):
    assert drawn(name, 11) == drawn(name, 11)


@every_blend
def test_shape_and_dtype_are_kept_and_coverage_never_grows(name):
    layer = disc()
    blended = drawn(name).apply(layer, layer[:, :, 3] >= 128)
    assert blended.shape == layer.shape and blended.dtype == np.uint8
    assert (blended <= layer).all()


@every_blend
def test_input_is_left_alone(name):
    layer = disc()
    before = layer.copy()
    drawn(name).apply(layer, layer[:, :, 3] >= 128)
    assert np.array_equal(layer, before)


@pytest.mark.parametrize("radius", [0.5, 1.0, 3.0])
def test_feather_follows_the_distance_to_the_edge(radius):
    layer = disc()
    mask = layer[:, :, 3] >= 128
    expected = np.clip(distance_transform_edt(mask) / (radius + 1), 0, 1)[:, :, None] * layer
    # OpenCV's 3×3 distance differs from the exact one by at most 8 %.
    assert np.abs(feather(layer, mask, radius) - expected).max() <= 0.09 * 255


def test_feather_touches_nothing_outside_the_mask():
    layer = disc()
    mask = layer[:, :, 3] >= 128
    assert not feather(layer, mask, 2.0)[~mask].any()
