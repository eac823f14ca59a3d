"""Average precision: by hand, as pycocotools and faster-coco-eval compute it, and weighted as if rows were repeated."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coco_oracle import NAMES, coco_figures
from synthgen.core.geometry import encode_rle
from synthgen.core.picture import Boxes, Truth
from trainers.compiled.precision import interpolated
from trainers.score.average_precision import LEVELS, SUMMARIES
from trainers.score.box_figures import box_figures
from trainers.score.boxes import BOXES
from trainers.score.ranked import CELLS, MOST
from trainers.score.result import Row

SIZE = (400, 400)
SIDES = (20, 33, 60, 97, 150)  # small, medium, large


def rows_of(pictures):
    return [Row(str(n), str(n), *counted(found, truth)) for n, (found, truth) in enumerate(pictures)]


def counted(found, truth):
    told = box_figures(found, None, truth, SIZE if truth.mask is None else truth.mask.shape)
    return told.figures, told.ranked


def scores_of(pictures, prefix=""):
    found = BOXES.scores(rows_of(pictures))
    return {name: found[prefix + name] for name in NAMES}


def test_three_boxes_in_two_pictures_by_hand():
    gun = (0, 0, 100, 100)
    pictures = [
        (Boxes.of([gun, (200, 0, 300, 100)], ["", ""], [0.9, 0.8]), Truth(boxes=Boxes.of([gun], [""]))),
        (Boxes.of([(0, 0, 100, 76)], [""], [0.7]), Truth(boxes=Boxes.of([gun], [""]))),
    ]
    # Up to an IoU of .75: hit, false alarm, hit: precision 1 up to a recall of .5 (51 levels), 2 / 3 beyond (50).
    # From .8 on the third box is wrong, too: precision 1 at 51 levels, 0 beyond.
    low, high = (51 + 50 * 2 / 3) / 101, 51 / 101
    found = scores_of(pictures)
    assert found["ap50"] == pytest.approx(low) and found["ap75"] == pytest.approx(low)
    assert found["ap"] == pytest.approx((6 * low + 4 * high) / 10)
    assert found["ap_large"] == pytest.approx(found["ap"])
    assert np.isnan(found["ap_small"]) and np.isnan(found["ap_medium"])


def test_the_precision_at_a_level_is_the_best_beyond_it():
    # precision, recall: 1, 1/4 · 1/2, 1/4 · 2/3, 2/4 · 3/4, 3/4
    right, counts = np.array([[True, False, True, True]]), np.ones((1, 4), bool)
    (found,) = interpolated(right, counts, np.ones(4), np.array([4.0]), LEVELS)
    assert found == pytest.approx((26 * 1 + 50 * 3 / 4) / 101)
    (rarer,) = interpolated(right, counts, np.array([1.0, 0, 1, 1]), np.array([4.0]), LEVELS)
    assert rarer == pytest.approx(76 / 101)
    nothing = np.zeros((1, 0), bool)
    assert interpolated(nothing, nothing, np.zeros(0), np.array([4.0]), LEVELS) == [0]
    assert np.isnan(interpolated(right, counts, np.ones(4), np.zeros(1), LEVELS)).all()


@st.composite
def scenes(draw, *, names=("gun",), crowds=False):
    """Pictures with true boxes on a coarse grid, and found ones that are moved or resized copies, or stand alone."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    pictures = []
    for _ in range(draw(st.integers(1, 3))):
        true = [_box(rng) for _ in range(rng.integers(0, 4))]
        near = [np.array(box) + rng.integers(-6, 7, 4) for box in true for _ in range(rng.integers(0, 3))]
        found = [tuple(map(int, box)) for box in near] + [_box(rng) for _ in range(rng.integers(0, 3))]
        found = [box for box in found if box[2] > box[0] and box[3] > box[1] and min(box) >= 0]
        scores = rng.permutation(100)[: len(found)] / 100
        categories = [rng.choice(names).item() for _ in true]
        crowd = rng.random(len(true)) < 0.3 if crowds else None
        truth = Truth(boxes=_apart(Boxes.of(true, categories, crowd=crowd)))
        pictures.append((Boxes.of(found, [rng.choice(names).item() for _ in found], scores), truth))
    return pictures


def _box(rng):
    x, y = rng.integers(0, 8, 2) * 30
    width, height = rng.choice(SIDES, 2)
    return tuple(int(value) for value in (x, y, x + width, y + height))


def _apart(boxes):
    """Keep one crowd at most: ours is the region of all crowds together, COCO's one after the other."""
    return boxes.select(~boxes.crowd | (np.cumsum(boxes.crowd) == 1))


@settings(max_examples=25, deadline=None)
@given(st.one_of(scenes(), scenes(crowds=True), scenes(names=("gun", "knife"))))
def test_boxes_are_scored_as_pycocotools_and_faster_coco_eval_do(pictures):
    if not any(len(truth.boxes) for _, truth in pictures):
        return
    ours = scores_of(pictures)
    for faster in (False, True):
        assert ours == pytest.approx(coco_figures(pictures, faster=faster), abs=1e-6, nan_ok=True)


@settings(max_examples=10, deadline=None)
@given(scenes())
def test_masks_are_scored_as_pycocotools_and_faster_coco_eval_do(pictures):
    painted = [_painted(found, truth) for found, truth in pictures]
    if not any(len(truth.boxes) for _, truth in painted):
        return
    ours = scores_of(painted, "mask_")
    for faster in (False, True):
        assert ours == pytest.approx(coco_figures(painted, masks=True, faster=faster), abs=1e-6, nan_ok=True)


def _painted(found, truth):
    """Give each box an ellipse; of true ones that overlap the last lies on top."""
    mask = np.zeros(SIZE, np.uint8)
    for number, box in enumerate(truth.boxes.xyxy, 1):
        mask[_ellipse(box)] = number
    seen = np.isin(range(1, len(truth.boxes) + 1), mask)
    boxes = truth.boxes.select(seen)
    numbered = Boxes.of(boxes.xyxy, boxes.categories, numbers=np.flatnonzero(seen) + 1)
    masks = [encode_rle(_ellipse(box)) for box in found.xyxy]
    return Boxes.of(found.xyxy, found.categories, found.scores, masks=masks), Truth(mask=mask, boxes=numbered)


def _ellipse(box):
    (x0, y0, x1, y1), (rows, columns) = box, np.indices(SIZE) + 0.5
    return ((columns - (x0 + x1) / 2) / (x1 - x0)) ** 2 + ((rows - (y0 + y1) / 2) / (y1 - y0)) ** 2 <= 0.25


@settings(max_examples=10, deadline=None)
@given(scenes(names=("gun", "knife")), st.lists(st.integers(0, 3), min_size=3, max_size=3))
def test_a_row_that_counts_twice_counts_as_two_rows(pictures, often):
    rows = rows_of(pictures)
    weights = np.array(often[: len(rows)])
    if not weights.any():
        return
    repeated = [row for row, times in zip(rows, weights, strict=True) for _ in range(times)]
    ours, theirs = BOXES.weighted(rows)(weights), BOXES.scores(repeated)
    for name in (*SUMMARIES, "recall_at_1_fa", "box_recall", "boxes"):
        assert ours[name] == pytest.approx(theirs[name], nan_ok=True), name


def test_no_more_than_a_hundred_boxes_of_a_picture_count():
    corners = [(x, 0, x + 10, 10) for x in range(MOST + 1)]
    found = Boxes.of(corners, ["gun"] * len(corners), np.linspace(1, 0.5, len(corners)))
    (row,) = rows_of([(found, Truth(boxes=Boxes.of([(300, 0, 310, 10)], ["gun"])))])
    assert len(row.ranked["box"].scores) == MOST and len(CELLS) == 40
