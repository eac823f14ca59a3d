"""Pixels by true and found class, picture by picture, and the scores of a predictor that tells classes apart."""

import numpy as np
import pytest

from classed import CATEGORIES, class_numbers, classed_dataset, classed_sample
from synthgen.core.errors import TrainingError
from synthgen.core.picture import DecodedPicture, Truth
from trainers.config.classes import ClassesConfig
from trainers.predict.averaged import averaged
from trainers.score.benchmark import Benchmark, split_benchmark
from trainers.score.class_figures import class_figures, class_names, confusion_of, counts_by_class
from trainers.score.evaluate import evaluate
from trainers.score.pixels import PIXELS
from trainers.score.result import EMPTY, FULL, Row
from trainers.show.tables import read_rows, write_rows

NAMES = ("cat", "dog → hound")
TRUTH = np.array([[0, 1, 1], [2, 2, 0]], np.uint8)
FOUND = np.array([[0, 1, 2], [2, 0, 1]], np.uint8)


class Colourful:
    """Finds the class of a pixel by its colour, but takes blue for green where it is told to."""

    title, size = "colourful", (32, 32)

    def __init__(self, classes=CATEGORIES, class_map=None, *, confused=False):
        self.classes = ClassesConfig(classes=classes, class_map=class_map or {})
        self.confused = confused

    def probabilities(self, images):
        colours = images.astype(np.float32).transpose(0, 3, 1, 2)
        plain = colours.max(axis=1, keepdims=True) - colours.min(axis=1, keepdims=True) < 60
        found = np.where(plain | (colours < colours.max(axis=1, keepdims=True)), 0.1, 0.9).astype(np.float32)
        if self.confused:
            found[:, 1] = np.maximum(found[:, 1], found[:, 2])
            found[:, 2] = 0.1
        return found[:, [CATEGORIES.index(name) for name in self.classes.names if name in CATEGORIES]]


@pytest.fixture(scope="module")
def dataset(tmp_path_factory):
    return classed_dataset(tmp_path_factory.mktemp("d") / "d", {"test": 12})


def test_pixels_are_counted_as_true_and_found():
    ignore = np.zeros((2, 3), bool)
    ignore[1, 2] = True
    rows = [
        Row("a", "", class_figures(FOUND, TRUTH, None, NAMES)),
        Row("b", "", class_figures(FOUND, TRUTH, ignore, NAMES)),
    ]
    assert class_names(rows) == NAMES
    assert confusion_of(rows[:1]).tolist() == [[1, 1, 0], [0, 1, 1], [1, 0, 1]]
    assert confusion_of(rows).tolist() == [[2, 1, 0], [0, 2, 2], [2, 0, 2]]
    assert counts_by_class(rows)[0].tolist() == [[1, 1, 1], [2, 2, 2], [2, 2, 2]]


def test_names_of_one_length_are_told_apart():
    found = np.array([[0, 2, 1, 2]], np.uint8)
    rows = [Row("a", "", class_figures(found, np.array([[1, 1, 2, 2]], np.uint8), None, ("handgun", "shotgun")))]
    assert class_names(rows) == ("handgun", "shotgun")
    assert confusion_of(rows).tolist() == [[0, 0, 0], [1, 0, 1], [0, 1, 1]]


def test_rows_that_are_not_counted_by_class_have_no_classes():
    assert class_names([Row("a", "", {"tp": 1.0})]) == class_names([]) == ()


def test_counts_by_class_come_back_from_a_file(dataset, tmp_path):
    result = evaluate(Colourful(), split_benchmark(dataset, "test", kind="pixels"))
    write_rows(tmp_path / "rows.parquet", {"net": result})
    rows = read_rows(tmp_path / "rows.parquet")["net"]
    assert class_names(rows) == CATEGORIES and (confusion_of(rows) == confusion_of(result.rows)).all()
    assert PIXELS.scores(rows) == PIXELS.scores(result.rows)


def test_a_perfect_predictor_has_every_score_and_the_empty_one_none(dataset):
    result = evaluate(Colourful(), split_benchmark(dataset, "test", kind="pixels"))
    own = [f"{measure} of {name}" for measure in ("iou", "dice", "precision", "recall") for name in CATEGORIES]
    assert all(result.scores[name] == 1 for name in ("foreground_iou", "mean_iou", "image_iou", *own))
    low, high = result.intervals["iou of red"]
    assert low == high == 1
    assert {EMPTY} == set(result.baselines) and result.baselines[EMPTY]["iou of blue"] == 0
    assert (result.examples[0].truth.mask == result.examples[0].found.mask).all()


def test_a_class_taken_for_another_is_wrong_for_both(dataset):
    result = evaluate(Colourful(confused=True), split_benchmark(dataset, "test", kind="pixels"))
    assert (result.scores["iou of red"], result.scores["iou of blue"]) == (1, 0)
    assert 0 < result.scores["iou of green"] == result.scores["precision of green"] < 1
    assert result.scores["image_iou"] == 1  # of all classes as one
    confusion = confusion_of(result.rows)
    assert confusion[3, 2] == confusion[3].sum() > 0


def test_classes_are_merged_and_dropped_as_the_model_learnt_them(dataset):
    merged = Colourful(("red", "blue"), {"green": None})
    result = evaluate(merged, split_benchmark(dataset, "test", kind="pixels"))
    assert result.scores["foreground_iou"] == 1 and "iou of green" not in result.scores


def test_a_single_class_by_name_has_the_scores_of_one_without(dataset):
    benchmark = split_benchmark(dataset, "test", kind="pixels")
    named = evaluate(Colourful(("blue",), {"red": None, "green": None}), benchmark)
    assert named.scores["iou of blue"] == named.scores["foreground_iou"] == 1 and FULL in named.baselines


def test_a_dataset_of_other_classes_is_refused(dataset):
    with pytest.raises(TrainingError, match="shows red, green, blue, and colourful finds cat, dog; score it on"):
        evaluate(Colourful(("cat", "dog")), split_benchmark(dataset, "test", kind="pixels"))


def test_masks_without_names_are_scored_as_foreground():
    samples = [classed_sample(index) for index in range(3)]
    pictures = [
        DecodedPicture(str(n), "", it.image, Truth(mask=(it.mask > 0).astype(np.uint8))) for n, it in enumerate(samples)
    ]
    result = evaluate(Colourful(), Benchmark("folder", "photographs", pictures, "pixels"))
    assert result.scores["foreground_iou"] == 1 and "iou of red" not in result.scores and FULL in result.baselines


@pytest.mark.parametrize("fit", ["letterbox", "stretch"])
def test_classes_survive_when_pictures_are_fitted(fit):
    samples = [classed_sample(index, size=(64, 96)) for index in range(3)]
    pictures = [DecodedPicture(str(n), "", it.image, it.truth) for n, it in enumerate(samples)]
    result = evaluate(Colourful(), Benchmark("large", "test", pictures, "pixels", CATEGORIES), fit=fit)
    assert all(result.scores[f"iou of {name}"] > 0.75 for name in CATEGORIES)
    assert confusion_of(result.rows)[1:, 1:].sum() == pytest.approx(
        np.trace(confusion_of(result.rows)[1:, 1:]), rel=0.02
    )


def test_an_averaged_predictor_tells_the_same_classes(dataset):
    seer = averaged(Colourful())
    assert seer.classes.names == CATEGORIES
    found = evaluate(seer, split_benchmark(dataset, "test", kind="pixels"))
    assert found.scores["iou of green"] > 0.9 and class_numbers(classed_sample()).max() == 2
