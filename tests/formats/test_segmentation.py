"""Segmentations decode as pycocotools decodes them; what it would crash on is refused."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pycocotools import mask as oracle

from synthgen.formats.segmentation import decode_segmentation

SIZE = (24, 31)


def random_mask(seed, share):
    return np.random.default_rng(seed).random(SIZE) < share


def uncompressed(mask):
    flat = mask.T.ravel()
    edges = np.flatnonzero(np.diff(flat)) + 1
    counts = np.diff([0, *edges, flat.size]).tolist()
    return [0, *counts] if flat[0] else counts


@settings(max_examples=40)
@given(seed=st.integers(0, 999), share=st.sampled_from([0.0, 0.02, 0.5, 0.99, 1.0]))
def test_run_lengths_as_numbers_and_as_text(seed, share):
    mask = random_mask(seed, share)
    text = oracle.encode(np.asfortranarray(mask.astype(np.uint8)))["counts"].decode()
    for counts in (text, uncompressed(mask)):
        np.testing.assert_array_equal(decode_segmentation({"size": list(SIZE), "counts": counts}, SIZE), mask)


@pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")  # of pycocotools' own decoder
@settings(max_examples=40)
@given(st.lists(st.lists(st.floats(-5, 40), min_size=6, max_size=12).filter(lambda p: len(p) % 2 == 0), min_size=1))
def test_polygons_even_beyond_the_picture(polygons):
    expected = oracle.decode(oracle.merge(oracle.frPyObjects(polygons, *SIZE))) > 0
    np.testing.assert_array_equal(decode_segmentation(polygons, SIZE), expected)


@pytest.mark.parametrize(
    ("segmentation", "reason"),
    [
        ("polygon", "expected polygons or run lengths"),
        ({}, "expected polygons or run lengths"),
        ({"counts": [5]}, "run lengths of size None, the picture is"),
        ({"size": [9, 9], "counts": [81]}, r"run lengths of size \[9, 9\], the picture is \[24, 31\]"),
        ({"size": [24, 31], "counts": [5]}, "run lengths cover 5 pixels, the picture has 744"),
        ({"size": [24, 31], "counts": [10**30]}, "run lengths cover 1000000000000000000000000000000 pixels"),
        ({"size": [24, 31], "counts": [-1, 745]}, "run lengths are whole numbers from 0"),
        ({"size": [24, 31], "counts": [1.5, 742.5]}, "run lengths are whole numbers from 0"),
        ({"size": [24, 31], "counts": None}, "run lengths are whole numbers from 0"),
        ({"size": [24, 31], "counts": "\x00"}, "damaged run lengths"),
        ({"size": [24, 31], "counts": "o" * 100_000}, "damaged run lengths"),
        ({"size": [24, 31], "counts": "o"}, "damaged run lengths"),
        ([[1, 2, 3, 4]], "an even number of at least 6 numbers"),
        ([[1, 2, 3, 4, 5, 6, 7]], "an even number of at least 6 numbers"),
        ([[1, 2, 3, 4, 5, None]], "an even number of at least 6 numbers"),
        ([[1, 2, 3, 4, 5, float("inf")]], "an even number of at least 6 numbers"),
        ([7], "an even number of at least 6 numbers"),
        ([[0, 0, 1e8, 0, 0, 1e8]], "reaches far beyond the picture of 31×24 pixels"),
        ([[0, 0, 30, 23] * 200_000], "pixels of edge; expected at most 5,000,000"),
    ],
)
def test_what_is_wrong_is_refused(segmentation, reason):
    with pytest.raises(ValueError, match=reason):
        decode_segmentation(segmentation, SIZE)
