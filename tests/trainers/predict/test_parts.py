"""Connected parts of maps of probabilities."""

import numpy as np
import pytest

from trainers.predict.parts import find_parts


def test_parts_are_connected_and_have_half_open_boxes():
    probability = np.zeros((1, 10, 20), np.float32)
    probability[0, 2:4, 3:7] = 0.8
    probability[0, 4, 7] = 0.9  # touches by a corner
    probability[0, 8, 15] = 0.6  # a speck of 1 / 200 of the frame
    parts = find_parts(probability, threshold=0.5, min_area=0.006)
    assert parts.boxes.xyxy.tolist() == [[3, 2, 8, 5]] and parts.areas == (9,)
    assert parts.boxes.scores[0] == pytest.approx((8 * 0.8 + 0.9) / 9)
    assert find_parts(probability, threshold=0.5, min_area=0.005).areas == (9, 1)


def test_parts_of_several_categories_come_surest_first():
    probabilities = np.zeros((2, 10, 10), np.float32)
    probabilities[0, 1:3, 1:3] = 0.7
    probabilities[1, 1:3, 2:4] = 0.9
    parts = find_parts(probabilities, threshold=0.5, min_area=0, categories=["gun", "knife"])
    assert parts.boxes.categories == ("knife", "gun")
    assert parts.boxes.xyxy.tolist() == [[2, 1, 4, 3], [1, 1, 3, 3]]


def test_nothing_found_is_no_part():
    parts = find_parts(np.zeros((1, 4, 4), np.float32), threshold=0.5, min_area=0)
    assert len(parts.boxes) == 0 and parts.areas == ()
