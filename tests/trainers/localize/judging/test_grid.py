"""The grid: what is tried, and that each try is what a mask made in that way is worth."""

import cv2
import numpy as np
import pytest

from trainers.config.localizer import PostProcessing
from trainers.localize.heat import heat_map, kernel_side, mask_of
from trainers.localize.judging.grid import BOX_AXES, KERNELS, MASK_AXES, SIDE, box_measures, grid_measures
from trainers.localize.judging.overlap import measures_of
from trainers.localize.judging.wsol import box_of, inclusive_iou

SIZE = (96, 128)


@pytest.fixture
def relevance():
    return np.random.default_rng(3).normal(0.2, 1, (7, 9)).astype(np.float32)


@pytest.fixture
def truth():
    mask = np.zeros(SIZE, np.uint8)
    cv2.circle(mask, (70, 40), 25, 1, -1)
    return mask > 0


def test_a_kernel_of_one_pixel_is_no_morphology_and_is_tried_once():
    assert len(MASK_AXES.settings) == 3 * (1 + 2 * len(KERNELS)) == len(set(MASK_AXES.settings))
    assert [kernel_side(kernel / SIDE, (SIDE, SIDE)) for kernel in KERNELS] == [11, 21, 31, 41, 51, 61]
    assert sum(post.order == "none" for post in MASK_AXES.settings) == 3


@pytest.mark.parametrize("positive", [True, False])
def test_each_try_is_worth_what_its_mask_is(relevance, truth, positive):
    ignore = np.zeros(SIZE, bool)
    ignore[:, :20] = True
    found = grid_measures(relevance, truth, ignore, positive=positive)
    for setting in range(0, len(MASK_AXES.settings), 3):
        for threshold in (0, 1, 17, 50, 83, 99):
            post = MASK_AXES.at(setting, threshold)
            heat = heat_map(relevance, SIZE, post.interpolation, positive=positive)
            mask = mask_of(heat, post)[~ignore]
            own = truth[~ignore]
            tp = int((mask & own).sum())
            expected = measures_of(np.array([tp]), np.array([int(mask.sum()) - tp]), int(own.sum()))[:, 0]
            np.testing.assert_allclose(found[:, setting, threshold], expected, atol=1e-6)


def test_where_boxes_alone_are_known_the_box_of_the_mask_is_compared(relevance):
    boxes = np.array([[40.0, 10, 90, 60]])
    found = box_measures(relevance, boxes, SIZE, positive=True)
    heat = heat_map(relevance, SIZE, "bilinear", positive=True)
    assert found.shape == (1, 1, 255)
    for threshold in (0, 40, 127, 200, 254):
        expected = inclusive_iou(box_of(mask_of(heat, BOX_AXES.at(0, threshold))), boxes)
        assert found[0, 0, threshold] == pytest.approx(expected[0, 0], abs=1e-6)


def test_a_setting_is_found_whatever_its_threshold():
    assert MASK_AXES.setting_of(MASK_AXES.at(5, 40)) == 5
    assert MASK_AXES.setting_of(PostProcessing(order="dilate_erode", kernel=0.5)) is None


def test_a_map_without_range_is_all_or_nothing(truth):
    for value, expected in ((0.0, 0.0), (2.0, truth.mean())):
        found = grid_measures(np.full((4, 4), value, np.float32), truth, None, positive=True)
        np.testing.assert_allclose(found[0, 0, 1:], expected, atol=1e-6)
