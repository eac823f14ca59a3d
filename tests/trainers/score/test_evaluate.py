"""Any predictor on any benchmark: a row for each picture, baselines beside it, few pictures in memory."""

import gc
import weakref

import numpy as np
import pytest

from predictors import SIZE, BrightBoxes, BrightLabels, BrightPixels, frame_with
from synthgen.core.errors import DatasetError, TrainingError
from synthgen.core.picture import Boxes, DecodedPicture, Truth
from trainers.score.benchmark import Benchmark
from trainers.score.evaluate import evaluate
from trainers.score.result import EMPTY, FULL, MAJORITY
from trainers.score.scorer import Settings
from trainers.show.sheets import sheet_of

SQUARE, LARGE = (10, 20, 40, 50), (0, 0, 96, 40)


def picture(name, *boxes, size=(64, 96)):
    image = frame_with(*boxes, size=size)
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


def test_settings_are_those_of_the_config():
    from trainers.config.evaluation import EvaluationConfig

    assert Settings() == Settings(EvaluationConfig().threshold, EvaluationConfig().min_area)
