"""Scores of boxes against values worked out by hand; crowds and ignored regions are left out."""

import numpy as np

from synthgen.core.picture import Boxes, Truth
from trainers.score.boxes import BOXES, box_figures, box_iou, matches
from trainers.score.result import Row

SIZE = (20, 40)


def boxes(*corners, categories=None, scores=None, crowd=None):
    return Boxes.of(corners, categories or ["gun"] * len(corners), scores, crowd)


def pixels(*corners, size=SIZE):
    mask = np.zeros(size, bool)
    for x0, y0, x1, y1 in corners:
        mask[y0:y1, x0:x1] = True
    return mask


def scores_of(*figures):
    return BOXES.scores([Row("", "", found) for found in figures])


def test_box_overlap_by_hand():
    overlaps = box_iou(boxes((0, 0, 4, 2)).xyxy, boxes((2, 0, 6, 2), (4, 0, 6, 2)).xyxy)
    np.testing.assert_allclose(overlaps, [[4 / 12, 0]])
    assert box_iou(boxes().xyxy, boxes((2, 0, 6, 2)).xyxy).shape == (0, 1)


def test_each_true_box_is_found_once():
    truth = boxes((0, 0, 10, 10), (20, 0, 30, 10))
    assert matches(boxes((0, 0, 10, 9), (0, 0, 10, 10)), truth) == {1: 0}
    assert matches(boxes((1, 0, 11, 10), (20, 0, 30, 6)), truth) == {0: 0, 1: 1}


def test_boxes_of_two_categories_do_not_match_and_a_box_without_category_matches_any():
    truth = boxes((0, 0, 10, 10), categories=["gun"])
    for category, found in (("gun", {0: 0}), ("knife", {}), ("", {0: 0})):
        assert matches(boxes((0, 0, 10, 10), categories=[category]), truth) == found


def test_box_scores_by_hand():
    found = boxes((0, 0, 10, 10), (30, 0, 40, 10))
    truth = Truth(boxes=boxes((0, 0, 10, 10), (15, 0, 25, 10), (26, 0, 35, 10)))
    figures = box_figures(found, pixels((0, 0, 10, 10), (30, 0, 40, 10)), truth, SIZE)
    assert scores_of(figures) == {"box_recall": 1 / 3, "box_precision": 1 / 2, "pixels_inside": 150 / 200, "boxes": 2}
    nothing = box_figures(boxes(), np.zeros((4, 4), bool), Truth(boxes=boxes((0, 0, 2, 2))), (4, 4))
    assert scores_of(nothing) == {"box_recall": 0, "box_precision": 0, "pixels_inside": 0, "boxes": 0}


def test_the_pixels_of_a_box_predictor_are_those_of_its_boxes():
    figures = box_figures(boxes((0, 0, 10, 10)), None, Truth(boxes=boxes((0, 0, 5, 10))), SIZE)
    assert (figures["pixels"], figures["inside"]) == (100, 50)


def test_a_crowd_is_not_missed_and_what_is_found_in_it_is_no_false_alarm():
    truth = Truth(boxes=boxes((0, 0, 10, 10), (20, 0, 40, 20), crowd=[False, True]))
    figures = box_figures(boxes((0, 0, 10, 10), (22, 2, 30, 10), (12, 0, 22, 10)), None, truth, SIZE)
    assert figures == {"hits": 1, "found": 2, "truth": 1, "inside": 100, "pixels": 100 + 80}
    assert scores_of(box_figures(boxes(), None, truth, SIZE))["box_recall"] == 0


def test_a_box_mostly_within_an_ignored_region_is_no_false_alarm():
    truth = Truth(boxes=boxes((0, 0, 10, 10)), ignore=pixels((20, 0, 40, 20)))
    inside, outside = boxes((16, 0, 26, 10)), boxes((14, 0, 24, 10))  # 60 and 40 of 100 pixels are ignored
    assert box_figures(inside, None, truth, SIZE)["found"] == 0
    assert box_figures(outside, None, truth, SIZE)["found"] == 1
    assert box_figures(inside, None, truth, SIZE)["pixels"] == 40


def test_intervals_hold_the_score():
    found = box_figures(boxes((0, 0, 10, 10)), None, Truth(boxes=boxes((0, 0, 10, 10))), SIZE)
    missed = box_figures(boxes(), None, Truth(boxes=boxes((0, 0, 10, 10))), SIZE)
    rows = [Row("", "", figures) for figures in (found, missed) * 10]
    low, high = BOXES.intervals(rows)["box_recall"]
    assert low < 0.5 < high
