"""Scores of masks picture by picture, against values worked out by hand."""

import numpy as np
import pytest

from trainers.score.boundary import boundary_f
from trainers.score.pixels import PIXELS, by_size, pixel_figures
from trainers.score.result import Row


def square(top, left, side, size=(64, 64)):
    mask = np.zeros(size, bool)
    mask[top : top + side, left : left + side] = True
    return mask


def rows_of(*pairs):
    return [Row(str(number), "", pixel_figures(*pair, None)) for number, pair in enumerate(pairs)]


NOTHING = np.zeros((64, 64), bool)


def test_pooled_scores_weigh_pixels_and_averages_weigh_pictures():
    # 400 of 400 pixels found; 50 of 100, the other half of the prediction beside it
    rows = rows_of((square(0, 0, 20), square(0, 0, 20)), (square(30, 35, 10), square(30, 30, 10)))
    found = PIXELS.scores(rows)
    assert found["foreground_iou"] == pytest.approx(450 / 550)
    assert found["image_iou"] == pytest.approx((1 + 50 / 150) / 2)


def test_false_alarms_are_counted_in_pictures_without_a_target():
    two = square(5, 5, 4) | square(40, 40, 4)
    found = PIXELS.scores(rows_of((two, NOTHING), (NOTHING, NOTHING), (square(5, 5, 4), square(5, 5, 4))))
    assert found["false_alarms"] == 1.0
    assert np.isnan(PIXELS.scores(rows_of((NOTHING, square(0, 0, 5))))["false_alarms"])
    assert np.isnan(PIXELS.scores(rows_of((NOTHING, NOTHING)))["image_iou"])


def test_sizes_are_scored_apart():
    rows = rows_of((square(0, 0, 10), square(0, 0, 10)), (NOTHING, square(0, 0, 40)), (NOTHING, NOTHING))
    assert by_size(rows) == {"small": 1.0, "medium": 0.0}


def test_intervals_hold_the_score_and_narrow_with_more_pictures():
    pairs = [(square(20, 20 + shift % 7, 12), square(20, 20, 12)) for shift in range(14)]
    few, many = rows_of(*pairs), rows_of(*(pairs * 20))
    for rows in (few, many):
        low, high = PIXELS.intervals(rows)["foreground_iou"]
        assert low < PIXELS.scores(rows)["foreground_iou"] < high
    widths = [np.ptp(PIXELS.intervals(rows)["foreground_iou"]) for rows in (few, many)]
    assert widths[1] < widths[0] / 3
    assert PIXELS.intervals(few) == PIXELS.intervals(few)


def test_ignored_pixels_are_neither_right_nor_wrong():
    truth, ignore = square(0, 0, 10), square(30, 30, 20)
    alone = pixel_figures(truth, truth, ignore)
    with_ignored = pixel_figures(truth | square(30, 30, 12), truth, ignore)
    assert alone == with_ignored
    assert (alone["tp"], alone["fp"], alone["fn"]) == (100, 0, 0)
    assert alone["tn"] == 64 * 64 - 100 - 400
    assert alone["boundary_f"] == 1.0


def test_a_part_mostly_within_an_ignored_region_is_no_false_alarm():
    ignore = square(30, 30, 10)
    around, beside = square(29, 29, 12), square(30, 38, 10)  # 100 of 144 pixels within, 20 of 100
    assert pixel_figures(around, NOTHING, ignore)["false_alarms"] == 0
    assert pixel_figures(beside, NOTHING, ignore)["false_alarms"] == 1
    assert pixel_figures(around, NOTHING, None)["false_alarms"] == 1


def test_a_picture_with_ignored_targets_only_has_no_target():
    figures = pixel_figures(square(0, 0, 10), square(0, 0, 10), square(0, 0, 10))
    assert figures == {"tp": 0, "fp": 0, "tn": 64 * 64 - 100, "fn": 0, "false_alarms": 0}


def test_boundaries_match_within_a_pixel_here():
    truth = square(20, 20, 20)
    assert boundary_f(truth, truth) == 1.0
    assert boundary_f(square(21, 20, 20), truth) == 1.0  # .75 % of the diagonal is less than a pixel, so one counts
    assert boundary_f(square(40, 40, 10), truth) < 0.1
    assert boundary_f(NOTHING, truth) == 0.0 and boundary_f(NOTHING, NOTHING) == 1.0


def test_the_frames_edge_is_no_boundary():
    truth, shorter = square(0, 0, 30), square(0, 0, 30)
    shorter[:, 29] = False
    assert boundary_f(shorter, truth) == 1.0
    assert boundary_f(np.ones((64, 64), bool), np.ones((64, 64), bool)) == 1.0
