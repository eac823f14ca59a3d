"""Geometry: run lengths, boxes, windows, and the direction of angles."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from synthgen.core.geometry import decode_rle, encode_rle, rotation_scale_flip, tight_box, window

masks = arrays(np.bool_, array_shapes(min_dims=2, max_dims=2, min_side=1, max_side=24))


@given(masks)
def test_rle_round_trip_is_exact(mask):
    assert np.array_equal(decode_rle(encode_rle(mask), mask.shape), mask)


def test_rle_of_the_wrong_size_is_refused():
    with pytest.raises(ValueError, match="cover 6 pixels"):
        decode_rle(encode_rle(np.ones((2, 3), dtype=bool)), (2, 4))


@given(masks)
def test_tight_box_is_tight_and_half_open(mask):
    x0, y0, x1, y1 = tight_box(mask)
    assert np.count_nonzero(mask[y0:y1, x0:x1]) == np.count_nonzero(mask)
    if mask.any():
        inside = mask[y0:y1, x0:x1]
        assert inside[0].any() and inside[-1].any() and inside[:, 0].any() and inside[:, -1].any()
    else:
        assert (x0, y0, x1, y1) == (0, 0, 0, 0)


@given(st.integers(-30, 30), st.integers(-30, 30), st.integers(1, 30), st.integers(1, 30))
def test_window_pairs_the_same_pixels_of_frame_and_box(x0, y0, width, height):
    frame_size = (16, 20)
    frame, local = window((x0, y0, x0 + width, y0 + height), frame_size)
    rows, columns = np.mgrid[y0 : y0 + height, x0 : x0 + width]
    inside = (rows >= 0) & (rows < 16) & (columns >= 0) & (columns < 20)
    canvas = np.zeros(frame_size, dtype=bool)
    canvas[frame] = True
    assert canvas.sum() == inside.sum()
    assert inside[local].all()


def test_positive_angles_turn_counter_clockwise_on_the_screen():
    right = np.array([[1.0, 0.0]])
    turned = right @ rotation_scale_flip(90.0, 1.0, False).T
    assert np.allclose(turned, [[0.0, -1.0]])  # up, as y points down


def test_flip_comes_before_the_turn():
    right = np.array([[1.0, 0.0]])
    turned = right @ rotation_scale_flip(90.0, 2.0, True).T
    assert np.allclose(turned, [[0.0, 2.0]])
