"""Any predictor on any benchmark: a row for each picture, baselines beside it, few pictures in memory."""

import gc
import weakref

import numpy as np
import pytest

from predictors import SIZE, BrightBoxes, BrightLabels, BrightPixels, BrightPlaces, frame_with
from synthgen.core.errors import DatasetError, TrainingError
from synthgen.core.picture import Boxes, DecodedPicture, Truth
from trainers.config.evaluation import EvaluationConfig
from trainers.config.operating_point import OperatingPoint
from trainers.score.benchmark import Benchmark
from trainers.score.evaluate import evaluate, evaluate_as
from trainers.score.result import EMPTY, FULL, MAJORITY
from trainers.show.sheets import sheet_of

SQUARE, LARGE = (10, 20, 40, 50), (0, 0, 96, 40)


def picture(name, *boxes, size=(64, 96)):
    image = frame_with(*boxes, size=size)
    truth = Truth(
        mask=(image[:, :, 0] > 0).astype(np.uint8), boxes=Boxes.of(boxes, ["box"] * len(boxes)), label=int(bool(boxes))
    )
    return DecodedPicture(name, f"group of {name}", image, truth)


PICTURES = [picture("large", LARGE), picture("nothing"), picture("small", SQUARE)]


def benchmark(kind, samples=PICTURES):
    return Benchmark("three pictures", "three", samples, kind)


def test_pixels_of_pictures_of_any_size_are_scored_at_the_networks():
    result = evaluate(BrightPixels(), benchmark("pixels"), pictures=2)
    assert [(row.name, row.group) for row in result.rows] == [(p.name, p.group) for p in PICTURES]
    assert result.scores["foreground_iou"] == 1
    assert set(result.baselines) == {EMPTY, FULL}
    assert result.baselines[EMPTY]["recall"] == 0 and result.baselines[FULL]["recall"] == 1
    assert [example.name for example in result.examples] == ["large", "small"]
    assert result.examples[0].image.shape[:2] == SIZE == result.examples[0].found.mask.shape


def test_boxes_of_pixels_are_compared_in_the_pictures_own_pixels():
    result = evaluate(BrightPixels(), benchmark("boxes", PICTURES[::2]), pictures=3)
    assert result.scores["box_recall"] == result.scores["box_precision"] == 1
    assert result.baselines[FULL]["box_recall"] == 0.5  # a box as large as the frame finds the large one
    assert result.baselines[EMPTY]["box_recall"] == 0
    assert result.intervals["box_recall"] == (1, 1)
    assert result.examples[0].image.shape == (64, 96, 3)


def test_a_predictor_of_boxes_needs_no_pixels():
    result = evaluate(BrightBoxes(), benchmark("boxes"))
    assert np.isnan(result.scores["pointing"])  # it has no most probable pixel
    told = ("box_recall", "box_precision", "ap", "ap50", "recall_at_1_fa", "pixels_inside", "boxes")
    assert [result.scores[name] for name in told] == pytest.approx([1, 1, 1, 1, 1, 1, 2])
    surer = OperatingPoint(threshold=0.95)
    assert evaluate(BrightBoxes(), benchmark("boxes"), point=surer).scores["boxes"] == 0


def test_labels_are_scored_beside_the_most_frequent_one():
    result = evaluate(BrightLabels(), benchmark("labels"))
    assert result.scores["accuracy"] == result.scores["auc"] == 1
    assert result.baselines[MAJORITY]["accuracy"] == pytest.approx(2 / 3)


@pytest.mark.parametrize("predictor", [BrightPixels, BrightBoxes, BrightLabels])
@pytest.mark.parametrize("kind", ["pixels", "boxes", "labels"])
def test_what_a_predictor_does_not_give_is_not_scored(predictor, kind):
    gives = {BrightPixels: ("pixels", "boxes"), BrightBoxes: ("boxes",), BrightLabels: ("labels",)}
    if kind in gives[predictor]:
        assert sheet_of(evaluate(predictor(), benchmark(kind))).std() > 10
    else:
        with pytest.raises(TrainingError, match=r"bright.*: (does not predict|finds neither)"):
            evaluate(predictor(), benchmark(kind))


def test_truth_that_is_missing_is_named():
    bare = [DecodedPicture("bare", "", frame_with(), Truth())]
    for kind, complaint in (("pixels", "bare: has no mask"), ("boxes", "bare: has no boxes")):
        with pytest.raises(DatasetError, match=complaint):
            evaluate(BrightPixels(), benchmark(kind, bare))
    with pytest.raises(DatasetError, match="three pictures: holds no picture"):
        evaluate(BrightPixels(), benchmark("pixels", []))


def test_ignored_pixels_and_crowds_are_left_out_of_all_scores():
    seen, ignore = picture("a", SQUARE, LARGE), np.zeros((64, 96), bool)
    ignore[:40] = True
    mask, boxes = frame_with(SQUARE)[:, :, 0] // 255 * ~ignore, Boxes.of([SQUARE, LARGE], ["", ""], None, [0, 1])
    masked = DecodedPicture("a", "", seen.image, Truth(mask=mask, ignore=ignore))
    assert evaluate(BrightPixels((64, 96)), benchmark("pixels", [masked])).scores["precision"] == 1
    boxed = DecodedPicture("a", "", seen.image, Truth(boxes=boxes))
    assert evaluate(BrightPixels((64, 96)), benchmark("boxes", [boxed])).rows[0].figures["truth"] == 1


class Made:
    """Pictures that exist only while somebody holds them."""

    def __init__(self, count):
        self.count, self.alive, self.most = count, weakref.WeakSet(), 0

    def __len__(self):
        return self.count

    def __getitem__(self, index):
        made = picture(str(index), SQUARE)
        self.alive.add(made)
        self.most = max(self.most, len(self.alive))
        return made


@pytest.mark.parametrize(("kind", "most"), [("boxes", 16), ("pixels", 110)])
def test_no_more_pictures_are_kept_than_are_shown_and_read_ahead(kind, most):
    made = Made(150)
    gc.disable()
    try:
        result = evaluate(BrightPixels(), benchmark(kind, made), pictures=3)
    finally:
        gc.enable()
    assert len(result.rows) == 150 and len(result.examples) == 3
    assert made.most <= most


def test_examples_of_boxes_are_spread_over_the_pictures():
    result = evaluate(BrightPixels(), benchmark("boxes", Made(10)), pictures=3)
    assert [example.name for example in result.examples] == ["0", "3", "6"]


class Cautious(BrightPixels):
    """Finds bright pixels, and says by itself from when."""

    operating_point = OperatingPoint(threshold=0.6, closing=0, least_area=0.1)


def test_a_model_is_scored_at_its_own_point_unless_another_is_given():
    small = benchmark("boxes", [picture("small", SQUARE)])
    assert evaluate(Cautious(), small).point == Cautious.operating_point
    assert evaluate(BrightPixels(), small).point == OperatingPoint()
    assert evaluate(Cautious(), small, point=OperatingPoint(threshold=0.2)).point.threshold == 0.2
    result = evaluate_as(EvaluationConfig(least_area=0.5), Cautious(), small, pictures=1)
    assert result.point == OperatingPoint(threshold=0.6, closing=0, least_area=0.5) and result.scores["boxes"] == 0


@pytest.mark.parametrize("fit", ["letterbox", "stretch"])
def test_pictures_are_fitted_as_asked(fit):
    wide = picture("wide", (100, 8, 140, 24), size=(32, 192))
    for kind, score in (("boxes", "box_recall"), ("pixels", "foreground_iou")):
        result = evaluate(BrightPixels(), benchmark(kind, [wide]), fit=fit)
        assert result.fit == fit and result.scores[score] == 1


def test_an_average_is_scored_where_it_is_asked_for():
    result = evaluate_as(EvaluationConfig(tta=True), BrightPixels(), benchmark("boxes"), pictures=1)
    assert result.predictor == "bright, averaged" and result.scores["box_recall"] == 1
    with pytest.raises(TrainingError, match="bright labels: predicts no pixels that could be averaged"):
        evaluate_as(EvaluationConfig(tta=True), BrightLabels(), benchmark("labels"), pictures=1)


def test_examples_of_what_says_where_it_looks_show_it():
    result = evaluate(BrightPlaces(), benchmark("labels"), pictures=2)
    large = next(example for example in result.examples if example.name == "large")
    np.testing.assert_array_equal(large.looked, large.image[..., 0].astype(np.float32) / 255)
    plain = sheet_of(evaluate(BrightLabels(), benchmark("labels"), pictures=2))
    assert sheet_of(result).shape[1] > 1.8 * plain.shape[1]
