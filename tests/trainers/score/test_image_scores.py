"""Scores image by image, against values worked out by hand."""

import numpy as np
import pytest

from trainers.score.pixels import ImageScores, boundary_f


def square(top, left, side, size=(64, 64)):
    mask = np.zeros(size, bool)
    mask[top : top + side, left : left + side] = True
    return mask


def scored(*pairs):
    scores = ImageScores()
    scores.update(*zip(*pairs, strict=True))
    return scores


NOTHING = np.zeros((64, 64), bool)


def test_pooled_scores_weigh_pixels_and_averages_weigh_images():
    # 400 of 400 pixels found; 50 of 100, the other half of the prediction beside it
    scores = scored((square(0, 0, 20), square(0, 0, 20)), (square(30, 35, 10), square(30, 30, 10)))
    found = scores.compute()
    assert found["foreground_iou"] == pytest.approx(450 / 550)
    assert found["image_iou"] == pytest.approx((1 + 50 / 150) / 2)
    assert len(scores) == 2


def test_false_alarms_are_counted_in_images_without_a_target():
    two = square(5, 5, 4) | square(40, 40, 4)
    found = scored((two, NOTHING), (NOTHING, NOTHING), (square(5, 5, 4), square(5, 5, 4))).compute()
    assert found["false_alarms"] == 1.0
    assert np.isnan(scored((NOTHING, square(0, 0, 5))).compute()["false_alarms"])
    assert np.isnan(scored((NOTHING, NOTHING)).compute()["image_iou"])


def test_sizes_are_scored_apart():
    scores = scored((square(0, 0, 10), square(0, 0, 10)), (NOTHING, square(0, 0, 40)), (NOTHING, NOTHING))
    assert scores.by_size() == {"small": 1.0, "medium": 0.0}


def test_intervals_hold_the_score_and_narrow_with_more_images():
    pairs = [(square(20, 20 + shift % 7, 12), square(20, 20, 12)) for shift in range(14)]
    few, many = scored(*pairs), scored(*(pairs * 20))
    for scores in (few, many):
        low, high = scores.intervals()["foreground_iou"]
        assert low < scores.compute()["foreground_iou"] < high
    widths = [np.ptp(scores.intervals()["foreground_iou"]) for scores in (few, many)]
    assert widths[1] < widths[0] / 3
    assert few.intervals() == few.intervals()


def test_boundaries_match_within_a_pixel_here():
    truth = square(20, 20, 20)
    assert boundary_f(truth, truth) == 1.0
    assert (
        boundary_f(square(21, 20, 20), truth) == 1.0
    )  # 0.75 % of the diagonal is less than a pixel, so one pixel counts
    assert boundary_f(square(40, 40, 10), truth) < 0.1
    assert boundary_f(NOTHING, truth) == 0.0 and boundary_f(NOTHING, NOTHING) == 1.0


def test_the_frames_edge_is_no_boundary():
    truth, shorter = square(0, 0, 30), square(0, 0, 30)
    shorter[:, 29] = False
    assert boundary_f(shorter, truth) == 1.0
    assert boundary_f(np.ones((64, 64), bool), np.ones((64, 64), bool)) == 1.0
