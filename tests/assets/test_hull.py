"""The hull of a cutout: that of all its half-opaque pixels, found from the ends of its rows in little memory."""

import tracemalloc

import cv2
import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from synthgen.assets.intake import _hull


def hull_of_all_corners(alpha):
    """The definition: four corners for each pixel, at 144 bytes a pixel."""
    rows, columns = np.nonzero(alpha >= 128)
    corners = np.concatenate([np.column_stack([columns + dx, rows + dy]) for dx in (0, 1) for dy in (0, 1)])
    return tuple((float(x), float(y)) for x, y in cv2.convexHull(corners.astype(np.int32))[:, 0])


@given(
    seed=st.integers(0, 2**32 - 1),
    height=st.integers(1, 40),
    width=st.integers(1, 40),
    share=st.sampled_from([0.001, 0.01, 0.1, 0.5, 1.0]),
)
def test_the_hull_of_any_silhouette_is_that_of_all_its_corners(seed, height, width, share):
    rng = np.random.default_rng(seed)
    alpha = np.where(rng.random((height, width)) < share, 255, 127).astype(np.uint8)
    alpha[rng.integers(height), rng.integers(width)] = 128
    assert _hull(alpha) == hull_of_all_corners(alpha)


def test_the_hull_of_drawn_shapes_is_that_of_all_their_corners():
    for seed in range(50):
        rng = np.random.default_rng(seed)
        alpha = np.zeros((200, 300), np.uint8)
        for _ in range(3):
            cv2.ellipse(
                alpha,
                tuple(int(v) for v in rng.integers(0, 300, 2)),
                tuple(int(v) for v in rng.integers(1, 120, 2)),
                float(rng.uniform(0, 180)), 0, 360, 255, -1,
            )  # fmt: skip
        alpha[100, 150] = 255
        assert _hull(alpha) == hull_of_all_corners(alpha)


def test_it_takes_two_bytes_a_pixel():
    alpha = np.full((2000, 3000), 255, np.uint8)
    tracemalloc.start()
    assert len(_hull(alpha)) == 4
    assert tracemalloc.get_traced_memory()[1] < 2.1 * alpha.size
    tracemalloc.stop()
