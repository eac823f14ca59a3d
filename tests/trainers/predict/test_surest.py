"""A predictor of pixels as one of labels."""

import numpy as np
import pytest

from predictors import SIZE, BrightPixels, frame_with
from trainers.config.operating_point import OperatingPoint
from trainers.predict.protocols import LabelPredictor, kind_of
from trainers.predict.surest import SurestPart

POINT = OperatingPoint(threshold=0.3, closing=0, least_area=0.01, least_score=0.6)


def pictures():
    """Nothing; a sure part beside a faint one; a faint one; a speck."""
    dark, both = np.zeros((*SIZE, 3), np.uint8), frame_with((2, 2, 12, 12), size=SIZE)
    both[20:30, 20:30] = 100
    faint = np.zeros_like(dark)
    faint[20:30, 20:30] = 102
    return np.stack([dark, both, faint, frame_with((5, 5, 7, 7), size=SIZE)])


def test_a_picture_is_as_sure_as_its_surest_part_and_nought_without_one():
    labels = SurestPart(BrightPixels(), POINT)
    assert labels.labels(pictures())[:, 0] == pytest.approx([0, 1, 0.4, 0])


def test_its_label_says_whether_a_part_is_found_at_the_point():
    labels = SurestPart(BrightPixels(), POINT)
    given = labels.labels(pictures())[:, 0] > labels.operating_point.threshold
    assert given.tolist() == [False, True, False, False]


def test_it_predicts_labels_and_no_pixels():
    labels = SurestPart(BrightPixels(), POINT)
    assert kind_of(labels) == "labels" and isinstance(labels, LabelPredictor)
    assert (labels.title, labels.size) == ("bright", SIZE)
