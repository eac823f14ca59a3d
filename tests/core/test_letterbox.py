"""Letterboxing there and back."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from synthgen.core.letterbox import Letterbox, Stretch, fit_into


@pytest.mark.parametrize(
    ("size", "inner"), [((60, 120), (slice(16, 48), slice(0, 64))), ((64, 32), (slice(0, 64), slice(16, 48)))]
)
def test_letterboxing_centres_and_keeps_the_shape(size, inner):
    picture = fit_into(np.full((*size, 3), 200, np.uint8), (64, 64))
    mask = fit_into(np.ones(size, bool), (64, 64))
    expected = np.zeros((64, 64), bool)
    expected[inner] = True
    assert mask.dtype == bool
    np.testing.assert_array_equal(mask, expected)
    np.testing.assert_array_equal(picture[:, :, 0] > 0, expected)


def test_a_frame_of_the_size_itself_stays_as_it_is():
    image = np.random.default_rng(0).integers(0, 256, (12, 16, 3), dtype=np.uint8)
    np.testing.assert_array_equal(fit_into(image, (12, 16)), image)


sides = st.integers(1, 200)


@given(frame=st.tuples(sides, sides), size=st.tuples(sides, sides))
def test_a_frame_lies_within_the_size_and_fills_one_of_its_sides(frame, size):
    letterbox = Letterbox(frame, size)
    (top, left), (height, width) = letterbox.corner, letterbox.inner
    assert 0 <= top and top + height <= size[0] and 0 <= left and left + width <= size[1]
    assert height == size[0] or width == size[1]


@given(frame=st.tuples(sides, sides), size=st.tuples(sides, sides))
def test_the_whole_frame_comes_back_whole(frame, size):
    letterbox = Letterbox(frame, size)
    (top, left), (height, width) = letterbox.corner, letterbox.inner
    inner = np.array([[left, top, left + width, top + height]], np.float32)
    np.testing.assert_allclose(letterbox.boxes_back(inner), [[0, 0, frame[1], frame[0]]], rtol=1e-5)


def test_maps_come_back_without_the_bars():
    letterbox = Letterbox((30, 60), (64, 64))
    values = np.zeros((2, 64, 64), np.float32)
    values[1, 16:48] = 0.5
    np.testing.assert_array_equal(letterbox.cut(values)[1], np.full((32, 64), 0.5, np.float32))


@given(frame=st.tuples(sides, sides), size=st.tuples(sides, sides))
def test_a_stretched_frame_fills_the_size_and_comes_back_whole(frame, size):
    stretch = Stretch(frame, size)
    assert stretch.put(np.ones(frame, bool)).all()
    assert stretch.cut(np.zeros((1, *size), np.float32)).shape == (1, *size)
    whole = np.array([[0, 0, size[1], size[0]]], np.float32)
    np.testing.assert_allclose(stretch.boxes_back(whole), [[0, 0, frame[1], frame[0]]], rtol=1e-5)
