"""Scores of boxes against values worked out by hand; crowds and ignored regions are left out."""

import cv2
import numpy as np
import pytest

from synthgen.core.picture import Boxes, DecodedPicture, Truth
from trainers.config.operating_point import OperatingPoint
from trainers.predict.heatmap import Heatmap
from trainers.score.benchmark import Benchmark
from trainers.score.box_figures import box_figures, pointing_figures
from trainers.score.boxes import BOXES
from trainers.score.evaluate import evaluate
from trainers.score.matching import hit_by, matches
from trainers.score.overlaps import box_iou
from trainers.score.result import Row

SIZE = (20, 40)


def boxes(*corners, categories=None, scores=None, crowd=None):
    return Boxes.of(corners, categories or ["gun"] * len(corners), scores, crowd)


def pixels(*corners, size=SIZE):
    mask = np.zeros(size, bool)
    for x0, y0, x1, y1 in corners:
        mask[y0:y1, x0:x1] = True
    return mask


def scores_of(*counted):
    return BOXES.scores([Row("", "", found.figures, found.ranked) for found in counted])


def test_box_overlap_by_hand():
    overlaps = box_iou(boxes((0, 0, 4, 2)).xyxy, boxes((2, 0, 6, 2), (4, 0, 6, 2)).xyxy)
    np.testing.assert_allclose(overlaps, [[4 / 12, 0]])
    assert box_iou(boxes().xyxy, boxes((2, 0, 6, 2)).xyxy).shape == (0, 1)


def test_each_true_box_is_found_once():
    truth = boxes((0, 0, 10, 10), (20, 0, 30, 10))
    assert matches(boxes((0, 0, 10, 9), (0, 0, 10, 10)), truth) == {1: 0}
    assert matches(boxes((1, 0, 11, 10), (20, 0, 30, 6)), truth) == {0: 0, 1: 1}


def test_boxes_of_two_categories_are_no_hit_and_a_box_without_category_matches_any():
    truth = boxes((0, 0, 10, 10), categories=["gun"])
    for category, found in (("gun", True), ("knife", False), ("", True)):
        assert hit_by(boxes((0, 0, 10, 10), categories=[category]), truth).tolist() == [[found]]


def test_box_scores_by_hand():
    found = boxes((0, 0, 10, 10), (30, 0, 40, 10))
    truth = Truth(boxes=boxes((0, 0, 10, 10), (15, 0, 25, 10), (26, 0, 35, 10)))
    counted = box_figures(found, pixels((0, 0, 10, 10), (30, 0, 40, 10)), truth, SIZE)
    expected = {"box_recall": 1 / 3, "box_precision": 1 / 2, "pixels_inside": 150 / 200, "boxes": 2}
    curves = {"ap": 34 / 101, "ap50": 34 / 101, "ap75": 34 / 101, "ap_small": 34 / 101, "recall_at_1_fa": 1 / 3}
    scores = scores_of(counted)
    assert {name: value for name, value in scores.items() if not np.isnan(value)} == pytest.approx(expected | curves)
    nothing = scores_of(box_figures(boxes(), np.zeros((4, 4), bool), Truth(boxes=boxes((0, 0, 2, 2))), (4, 4)))
    assert {name for name, score in nothing.items() if score == 0} == {*expected, *curves}


def test_two_true_boxes_that_overlap_may_share_a_part_but_no_more_than_one_counts_in_the_average_precision():
    truth = Truth(boxes=boxes((0, 0, 10, 10), (0, 0, 10, 9)))
    counted = box_figures(boxes((0, 0, 10, 10)), None, truth, SIZE)
    scores = scores_of(counted)
    assert (counted.figures["hits"], scores["box_recall"], scores["box_precision"]) == (2, 1, 1)
    assert scores["ap50"] == pytest.approx(51 / 101)


def test_pixels_are_counted_at_the_resolution_of_the_map():
    prediction = np.zeros((10, 10), bool)  # over a picture of 20 × 40
    prediction[0:5, 0:5] = True
    figures = box_figures(boxes(), prediction, Truth(boxes=boxes((0, 0, 8, 20))), SIZE).figures
    assert (figures["pixels"], figures["inside"]) == (25, 5 * 2)


def test_the_pointing_game_by_hand():
    probability = np.full((10, 10), 0.1, np.float32)
    probability[5, 2] = 0.4  # x 10, y 11 in the picture
    inside, outside = (Truth(boxes=boxes(corners)) for corners in ((8, 10, 12, 20), (11, 10, 40, 20)))
    assert pointing_figures(probability, inside, SIZE) == {"pointed": 1, "pointable": 1}
    assert pointing_figures(probability, outside, SIZE) == {"pointed": 0, "pointable": 1}
    assert pointing_figures(probability, Truth(boxes=boxes()), SIZE) == {"pointed": 0, "pointable": 0}
    crowd = Truth(boxes=boxes((8, 10, 12, 20), (0, 0, 4, 2), crowd=[True, False]))
    assert pointing_figures(probability, crowd, SIZE)["pointed"] == 1  # the first of the others, in the first box


def as_scored(probability, truth, size, close, least):
    """The published scoring of photographs, word for word: pointed, hits, true boxes, parts, inside, pixels."""
    (h, w), side = size, len(probability)
    mask = (probability > 0.5).astype(np.uint8)
    if close:
        mask = cv2.morphologyEx(mask, cv2.MORPH_CLOSE, np.ones((close, close), np.uint8))
    found = [
        (s[0] * w / side, s[1] * h / side, (s[0] + s[2]) * w / side, (s[1] + s[3]) * h / side)
        for s in cv2.connectedComponentsWithStats(mask)[2][1:]
        if s[4] > least * side * side
    ]
    y, x = np.unravel_index(probability.argmax(), probability.shape)
    x, y = (x + 0.5) * w / side, (y + 0.5) * h / side
    inside = np.zeros((side, side), bool)
    for b in truth:
        inside[
            max(0, round(b[1] * side / h)) : round(b[3] * side / h),
            max(0, round(b[0] * side / w)) : round(b[2] * side / w),
        ] = True
    hits = sum(any(box_iou(boxes(b).xyxy, boxes(c).xyxy)[0, 0] >= 0.5 for c in found) for b in truth)
    pointed = any(b[0] <= x <= b[2] and b[1] <= y <= b[3] for b in truth)
    foreground = probability > 0.5
    return [int(pointed), hits, len(truth), len(found), int((inside & foreground).sum()), int(foreground.sum())]


class Smooth:
    """Gives the maps that it was made with one after the other, whatever it sees."""

    title, size = "smooth", (192, 192)

    def __init__(self, maps):
        self.maps = iter(maps)

    def probabilities(self, images):
        return np.stack([next(self.maps)[None] for _ in images])


@pytest.mark.parametrize(
    ("close", "point"),
    [
        (9, OperatingPoint(least_score=0)),
        (0, OperatingPoint(closing=0, least_area=0.001, least_score=0)),
    ],
)
def test_stretched_pictures_are_scored_as_published(close, point):
    rng = np.random.default_rng(close)
    maps, pictures, published = [], [], []
    for number in range(20):
        size = (int(rng.integers(100, 400)), int(rng.integers(100, 400)))
        smooth = cv2.GaussianBlur(rng.normal(size=(192, 192)).astype(np.float32), (0, 0), 12)
        maps.append(1 / (1 + np.exp(-6 * (smooth / smooth.std() - 1))))
        parts = Heatmap(maps[-1][None], size, (192, 192)).parts(point).boxes.xyxy
        truth = [tuple(map(float, np.rint(box + rng.integers(0, 8, 4)))) for box in parts[::2]] + [
            (0.0, 0.0, 30.0, 40.0)
        ]
        image = np.zeros((*size, 3), np.uint8)
        pictures.append(DecodedPicture(str(number), "", image, Truth(boxes=boxes(*truth))))
        published.append(as_scored(maps[-1], truth, size, close, point.least_area))
    ours = evaluate(Smooth(maps), Benchmark("b", "boxes", pictures, "boxes"), point=point, fit="stretch")
    names = ("pointed", "hits", "truth", "found", "inside", "pixels")
    assert [[row.figures[name] for name in names] for row in ours.rows] == published


def test_the_pixels_of_a_box_predictor_are_those_of_its_boxes():
    figures = box_figures(boxes((0, 0, 10, 10)), None, Truth(boxes=boxes((0, 0, 5, 10))), SIZE).figures
    assert (figures["pixels"], figures["inside"]) == (100, 50)


def test_a_crowd_is_not_missed_and_what_is_found_in_it_is_no_false_alarm():
    truth = Truth(boxes=boxes((0, 0, 10, 10), (20, 0, 40, 20), crowd=[False, True]))
    figures = box_figures(boxes((0, 0, 10, 10), (22, 2, 30, 10), (12, 0, 22, 10)), None, truth, SIZE).figures
    assert figures == {"hits": 1, "found": 2, "truth": 1, "inside": 100, "pixels": 100 + 80}
    assert scores_of(box_figures(boxes(), None, truth, SIZE))["box_recall"] == 0


def test_a_box_mostly_within_an_ignored_region_is_no_false_alarm():
    truth = Truth(boxes=boxes((0, 0, 10, 10)), ignore=pixels((20, 0, 40, 20)))
    inside, outside = boxes((16, 0, 26, 10)), boxes((14, 0, 24, 10))  # 60 and 40 of 100 pixels are ignored
    assert box_figures(inside, None, truth, SIZE).figures["found"] == 0
    assert box_figures(outside, None, truth, SIZE).figures["found"] == 1
    assert box_figures(inside, None, truth, SIZE).figures["pixels"] == 40


def test_intervals_hold_the_score():
    found = box_figures(boxes((0, 0, 10, 10)), None, Truth(boxes=boxes((0, 0, 10, 10))), SIZE)
    missed = box_figures(boxes(), None, Truth(boxes=boxes((0, 0, 10, 10))), SIZE)
    rows = [Row("", "", counted.figures, counted.ranked) for counted in (found, missed) * 10]
    intervals = BOXES.intervals(rows)
    for score in ("box_recall", "ap"):
        low, high = intervals[score]
        assert low < 0.5 < high
    assert "pointing" not in intervals  # no map was given
