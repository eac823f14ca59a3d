"""Parts of maps of probabilities: threshold, closing, least area, least score."""

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from trainers.config.operating_point import OperatingPoint
from trainers.predict.heatmap import Heatmap
from trainers.predict.parts import find_parts

PLAIN = OperatingPoint(threshold=0.5, closing=0, least_area=0, least_score=0)


def test_parts_are_connected_and_have_half_open_boxes():
    probability = np.zeros((1, 10, 20), np.float32)
    probability[0, 2:4, 3:7] = 0.8
    probability[0, 4, 7] = 0.9  # touches by a corner
    probability[0, 8, 15] = 0.6  # a speck of 1 / 200 of the frame
    parts = find_parts(probability, PLAIN.model_copy(update={"least_area": 0.005}))
    assert parts.boxes.xyxy.tolist() == [[3, 2, 8, 5]] and parts.areas == (9,)
    assert parts.boxes.scores[0] == pytest.approx((8 * 0.8 + 0.9) / 9)
    assert find_parts(probability, PLAIN.model_copy(update={"least_area": 0.004})).areas == (9, 1)


def test_parts_of_several_categories_come_surest_first():
    probabilities = np.zeros((2, 10, 10), np.float32)
    probabilities[0, 1:3, 1:3] = 0.7
    probabilities[1, 1:3, 2:4] = 0.9
    parts = find_parts(probabilities, PLAIN, categories=["gun", "knife"])
    assert parts.boxes.categories == ("knife", "gun")
    assert parts.boxes.xyxy.tolist() == [[2, 1, 4, 3], [1, 1, 3, 3]]


def test_nothing_found_is_no_part_and_a_probability_at_the_threshold_is_not_above_it():
    for value in (0.0, 0.5):
        parts = find_parts(np.full((1, 4, 4), value, np.float32), PLAIN)
        assert len(parts.boxes) == 0 and parts.areas == ()


def test_a_gun_in_two_pieces_is_one_part_whose_score_is_that_of_its_pieces():
    probability = np.zeros((1, 100, 100), np.float32)
    probability[0, 40:50, 10:40], probability[0, 40:50, 43:70] = 0.9, 0.6
    assert len(find_parts(probability, PLAIN).boxes) == 2
    parts = find_parts(probability, PLAIN.model_copy(update={"closing": 0.05}))
    assert parts.boxes.xyxy.tolist() == [[10, 40, 70, 50]] and parts.areas == (600,)
    assert parts.boxes.scores[0] == pytest.approx((30 * 0.9 + 27 * 0.6) / 57, abs=1e-5)


def test_a_part_is_kept_for_the_mean_of_its_pixels_and_not_for_its_best_one():
    probability = np.zeros((1, 100, 100), np.float32)
    probability[0, 10:20, 10:20], probability[0, 50:60, 10:20] = 0.8, 0.6
    probability[0, 50, 10] = 1
    assert len(find_parts(probability, PLAIN).boxes) == 2
    sure = find_parts(probability, PLAIN.model_copy(update={"least_score": 0.7}))
    assert sure.boxes.xyxy.tolist() == [[10, 10, 20, 20]] and sure.areas == (100,)


@pytest.mark.parametrize(
    ("closing", "frame", "pixels"),
    [
        (0.047, (192, 192), 9),
        (0.047, (128, 128), 7),
        (0.047, (1080, 1920), 51),
        (0, (192, 192), 1),
        (0.02, (32, 32), 1),
    ],
)
def test_a_closing_is_an_odd_number_of_pixels_of_the_frames_short_side(closing, frame, pixels):
    assert OperatingPoint(closing=closing).kernel(frame) == pixels


def parts_as_scored(probability, close, least):
    """The published scoring of photographs, word for word: boxes of parts in pixels of a square map."""
    mask, side = (probability > 0.5).astype(np.uint8), len(probability)
    if close:
        mask = cv2.morphologyEx(mask, cv2.MORPH_CLOSE, np.ones((close, close), np.uint8))
    statistics = cv2.connectedComponentsWithStats(mask)[2]
    return sorted([s[0], s[1], s[0] + s[2], s[1] + s[3]] for s in statistics[1:] if s[4] > least * side * side)


@given(seed=st.integers(0, 10**6), blur=st.sampled_from([1.5, 3, 6]))
def test_parts_of_any_score_are_those_of_the_published_scoring(seed, blur):
    noise = np.random.default_rng(seed).normal(size=(192, 192)).astype(np.float32)
    smooth = cv2.GaussianBlur(noise, (0, 0), blur)
    probability = 1 / (1 + np.exp(-6 * (smooth / smooth.std() - 1)))
    for point, close, least in (
        (OperatingPoint(least_score=0), 9, 0.005),
        (OperatingPoint(closing=0, least_area=0.001, least_score=0), 0, 0.001),
    ):
        assert sorted(find_parts(probability[None], point).boxes.xyxy.tolist()) == parts_as_scored(
            probability, close, least
        )


def test_parts_lie_on_the_frame_whatever_its_resolution():
    values = np.zeros((1, 20, 40), np.float32)
    values[0, 5:10, 10:20] = 1
    parts = Heatmap(values, (100, 400), (20, 40)).parts(PLAIN)
    assert parts.boxes.xyxy.tolist() == [[100, 25, 200, 50]] and parts.areas == (100 * 25,)


def test_least_area_and_closing_refer_to_what_the_network_saw():
    values = np.zeros((1, 20, 40), np.float32)
    values[0, 2:6, 2:6] = 1  # 16 pixels: 2 % of the map, 16 % of a tile of 10 × 10
    point = OperatingPoint(closing=0, least_area=0.05)
    assert len(Heatmap(values, (20, 40), (20, 40)).parts(point).boxes) == 0
    assert len(Heatmap(values, (20, 40), (10, 10)).parts(point).boxes) == 1


@pytest.mark.parametrize(
    "wrong", [{"threshold": 1}, {"closing": 0.5}, {"least_area": -0.1}, {"least_score": 1}, {"gap": 1}]
)
def test_a_point_out_of_range_is_refused(wrong):
    with pytest.raises(ValidationError):
        OperatingPoint(**wrong)
