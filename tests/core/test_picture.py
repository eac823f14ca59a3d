"""Boxes, truths and pictures: what they hold, and what samples in memory say is true."""

from dataclasses import replace

import numpy as np
import pytest

from sample_factory import make_sample
from synthgen.core.geometry import encode_rle
from synthgen.core.picture import Boxes, DecodedPicture, EncodedPicture, Truth
from synthgen.core.types import HiddenInstance


def hidden(box, cover=None):
    x0, y0, x1, y1 = box
    cover = np.ones((y1 - y0, x1 - x0), bool) if cover is None else cover
    return HiddenInstance("disc", box, encode_rle(cover), 0.01)


def test_boxes_are_made_from_plain_sequences():
    boxes = Boxes.of([(1, 2, 3, 4), (5, 6, 7, 8.5)], ["gun", "bag"], scores=[0.5, 1])
    assert boxes.xyxy.dtype == np.float32 and boxes.xyxy.shape == (2, 4)
    assert boxes.scores.dtype == np.float32 and boxes.crowd.tolist() == [False, False]
    assert len(Boxes.of([], [])) == 0 and Boxes.of([], []).xyxy.shape == (0, 4)


def test_boxes_of_unequal_lengths_are_refused():
    with pytest.raises(ValueError, match=r"of different lengths: \[1, 2\]"):
        Boxes.of([(1, 2, 3, 4)], ["gun", "bag"])
    with pytest.raises(ValueError, match="of different lengths"):
        Boxes.of([(1, 2, 3, 4)], ["gun"], scores=[0.1, 0.2])


def test_some_of_the_boxes_by_mask_or_position():
    boxes = Boxes.of([(0, 0, 1, 1), (0, 0, 2, 2), (0, 0, 3, 3)], "abc", crowd=[False, True, False])
    assert boxes.select(~boxes.crowd).categories == ("a", "c")
    assert boxes.select(np.array([2, 0])).xyxy[:, 2].tolist() == [3, 1]
    none = boxes.select(np.zeros(3, bool))
    assert len(none) == 0 and none.xyxy.shape == (0, 4) and none.scores is None


def test_a_sample_is_a_picture_with_its_truth():
    sample = make_sample(3)
    assert (sample.name, sample.group, sample.size, sample.data) == ("train-000003", "train-000003", (48, 64), None)
    truth = sample.truth
    assert truth.mask is sample.mask and truth.label == 1 and truth.ignore is None
    seen = [instance for instance in sample.instances if instance.area]
    assert truth.boxes.xyxy.tolist() == [list(instance.bbox) for instance in seen]
    assert set(truth.boxes.categories) == {"disc"} and not truth.boxes.crowd.any()


def test_hidden_targets_are_ignored_where_they_own_no_labelled_pixel():
    sample = make_sample(3)
    truth = replace(sample, unlabelled=1, hidden=(hidden((10, 5, 40, 30)),)).truth
    expected = np.zeros(sample.size, bool)
    expected[5:30, 10:40] = True
    np.testing.assert_array_equal(truth.ignore, expected & (sample.mask == 0))
    assert truth.label == 1


def test_only_the_part_of_a_hidden_target_in_the_frame_is_ignored():
    cover = np.zeros((20, 30), bool)
    cover[:, 25:] = True
    sample = replace(make_sample(discs=0), unlabelled=1, hidden=(hidden((-20, -10, 10, 10), cover),))
    assert np.flatnonzero(sample.truth.ignore.any(axis=0)).tolist() == [5, 6, 7, 8, 9]
    assert np.flatnonzero(sample.truth.ignore.any(axis=1)).tolist() == list(range(10))
    outside = replace(sample, hidden=(hidden((-30, -30, -10, -10)),))
    assert outside.truth.ignore is None


def test_nobody_can_say_the_label_where_the_only_targets_are_hidden():
    empty = make_sample(discs=0)
    assert empty.truth.label == 0
    assert replace(empty, unlabelled=1).truth.label is None


def test_an_encoded_picture_decodes_once():
    calls = []

    def read(name, value):
        calls.append(name)
        return value

    image = np.zeros((4, 6, 3), np.uint8)
    picture = EncodedPicture("a", "a", (4, 6), b"", lambda: read("image", image), lambda: read("truth", Truth(label=1)))
    assert picture.size == (4, 6) and calls == []
    assert picture.image is picture.image is image
    assert picture.truth is picture.truth and picture.truth.label == 1
    assert calls == ["image", "truth"]


def test_a_decoded_picture_knows_its_size():
    picture = DecodedPicture("a", "a", np.zeros((4, 6, 3), np.uint8))
    assert picture.size == (4, 6) and picture.data is None and picture.truth.mask is None


def test_boxes_may_know_their_pixels():
    boxes = Boxes.of([(0, 0, 2, 2), (1, 1, 4, 4)], ["a", "b"], numbers=[1, 3], masks=[b"one", b"two"])
    second = boxes.select(np.array([1]))
    assert second.numbers is not None
    assert (second.numbers.tolist(), second.masks) == ([3], (b"two",))
    with pytest.raises(ValueError, match="different lengths"):
        Boxes.of([(0, 0, 2, 2)], ["a"], masks=[])
