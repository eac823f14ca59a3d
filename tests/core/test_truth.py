"""What a scene says is true, by hand."""

import numpy as np
import pytest

from synthgen.core.geometry import encode_rle
from synthgen.core.truth import ignored_region, label_of
from synthgen.core.types import HiddenInstance


@pytest.mark.parametrize(
    ("visible", "unlabelled", "label"), [(True, 0, 1), (True, 2, 1), (False, 0, 0), (False, 1, None)]
)
def test_the_label_is_unknown_where_all_targets_are_hidden(visible, unlabelled, label):
    assert label_of(visible=visible, unlabelled=unlabelled) == label


def hidden(box, cover):
    return HiddenInstance("gun", box, encode_rle(np.array(cover, bool)), 0.1)


def test_the_masks_of_hidden_targets_are_joined_without_labelled_pixels():
    mask = np.array([[0, 0, 0, 0], [0, 7, 0, 0], [0, 0, 0, 0]], np.uint8)
    ell = hidden((0, 0, 2, 2), [[1, 0], [1, 1]])
    beyond = hidden((3, 2, 6, 4), [[1, 1, 1], [1, 1, 1]])
    expected = [[1, 0, 0, 0], [1, 0, 0, 0], [0, 0, 0, 1]]
    np.testing.assert_array_equal(ignored_region([ell, beyond], mask), np.array(expected, bool))


def test_no_region_where_nothing_is_left_of_it():
    mask = np.ones((3, 4), np.uint8)
    assert ignored_region([hidden((0, 0, 1, 1), [[1]])], mask) is None
    assert ignored_region([], np.zeros((3, 4), np.uint8)) is None


def test_run_lengths_that_do_not_fill_the_box_are_refused():
    short = HiddenInstance("gun", (0, 0, 5, 5), encode_rle(np.ones((2, 2), bool)), 0.1)
    with pytest.raises(ValueError, match="run lengths cover 4 pixels"):
        ignored_region([short], np.zeros((9, 9), np.uint8))
