"""Masks of tints have neither streaks nor specks."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from photographs import painted, scene, truth
from synthgen.core.errors import DatasetError
from synthgen.formats.tint import MaskShape, estimate_tint, mask_of_tint, mask_shape, thresholded_tint


@settings(max_examples=20)
@given(seed=st.integers(0, 99), strength=st.floats(0.3, 0.6))
def test_a_tints_mask_has_neither_streaks_nor_specks(seed, strength):
    photograph = scene(seed)
    mask = mask_of_tint(photograph, painted(photograph, truth(), (255, 0, 0), strength))
    shape = mask_shape(mask)
    assert (shape.parts, shape.holes) == (1, 1)  # the object, and the one hole it has
    assert shape.hole_pixels == pytest.approx(mask_shape(truth()).hole_pixels, abs=25)
    assert np.count_nonzero(mask & truth()) / np.count_nonzero(mask | truth()) > 0.95


def test_the_usual_threshold_tears_the_same_mask():
    photograph = scene(1)
    shape = mask_shape(thresholded_tint(photograph, painted(photograph, truth(), (255, 0, 0), 0.3)))
    assert shape.parts > 5


def test_colour_and_strength_are_found():
    photograph = scene(2)
    tint = estimate_tint(photograph, painted(photograph, truth(), (0, 200, 40), 0.4, quality=95))
    assert tint.strength == pytest.approx(0.4, abs=0.03)
    assert tint.colour == pytest.approx((0, 200, 40), abs=12)


def test_pictures_without_tint_or_of_two_sizes_are_refused():
    photograph = scene(3)
    with pytest.raises(DatasetError, match="no tint to be found"):
        mask_of_tint(photograph, photograph)
    with pytest.raises(DatasetError, match=r"photograph is \(120, 160\), the tinted one \(60, 160\)"):
        mask_of_tint(photograph, photograph[:60])
    with pytest.raises(DatasetError, match="the pictures differ by no tint"):
        mask_of_tint(photograph, np.random.default_rng(0).permuted(photograph, axis=0))


def test_mask_shapes_by_hand():
    mask = np.ones((5, 7), bool)
    mask[2, 2], mask[0, 5] = False, False  # a hole, and a bite at the edge
    assert mask_shape(mask) == MaskShape(parts=1, holes=1, hole_pixels=1)
    assert mask_shape(np.zeros((3, 3), bool)) == MaskShape(0, 0, 0)
