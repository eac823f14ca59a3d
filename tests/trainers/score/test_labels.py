"""Scores of labels against values worked out by hand."""

import numpy as np
import pytest

from synthgen.core.picture import DecodedPicture, Truth
from trainers.score.labels import LABELS, area_under_curve, known_label
from trainers.score.result import MAJORITY, Row
from trainers.score.scorer import Settings

SIZE = (8, 8)


class Says:
    """Gives the probabilities that it was told, whatever it sees."""

    title, size = "says", SIZE

    def __init__(self, *values):
        self.values = np.array(values, np.float32)

    def labels(self, images):
        return self.values[: len(images)]


def rows_of(truths, *values):
    pictures = [DecodedPicture(str(n), "", np.zeros((*SIZE, 3), np.uint8), truth) for n, truth in enumerate(truths)]
    measured = LABELS.measure(Says(*values), pictures, Settings())
    return [Row(picture.name, "", found.counted.figures) for picture, found in zip(pictures, measured, strict=True)]


def test_scores_by_hand():
    rows = rows_of([Truth(label=label) for label in (1, 1, 0, 0)], [0.9], [0.2], [0.6], [0.1])
    assert LABELS.scores(rows) == pytest.approx(
        {"accuracy": 0.5, "balanced_accuracy": 0.5, "precision": 0.5, "recall": 0.5, "auc": 3 / 4}
    )


def test_of_several_labels_the_most_likely_counts():
    rows = rows_of([Truth(label=label) for label in (0, 1, 2)], [0.8, 0.1, 0.1], [0.1, 0.5, 0.4], [0.2, 0.6, 0.2])
    scores = LABELS.scores(rows)
    assert scores["accuracy"] == pytest.approx(2 / 3) and scores["recall"] == pytest.approx(1 / 2)
    assert np.isnan(scores["auc"])


def test_pictures_with_hidden_targets_only_are_left_out():
    ignore = np.ones(SIZE, bool)
    hidden = Truth(mask=np.zeros(SIZE, np.uint8), label=None, ignore=ignore)
    assert known_label(hidden) is None
    rows = rows_of([hidden, Truth(label=1)], [0.1], [0.9])
    assert rows[0].figures == {} and LABELS.scores(rows)["accuracy"] == 1.0


def test_where_no_label_is_given_the_mask_says_it():
    assert known_label(Truth(mask=np.zeros(SIZE, np.uint8))) == 0
    assert known_label(Truth(mask=np.ones(SIZE, np.uint8))) == 1
    assert known_label(Truth()) is None


def test_the_baseline_gives_the_most_frequent_label():
    rows = rows_of([Truth(label=label) for label in (1, 0, 0)], [0.9], [0.9], [0.9])
    baseline = LABELS.baselines(rows)[MAJORITY]
    scores = LABELS.scores(baseline)
    assert scores["accuracy"] == pytest.approx(2 / 3) and scores["balanced_accuracy"] == scores["auc"] == 0.5


def test_the_area_under_the_curve_is_that_of_pairs():
    rng = np.random.default_rng(0)
    positive, scores = rng.random(60) < 0.4, np.round(rng.random(60), 1)  # with ties
    pairs = [(a > b) + (a == b) / 2 for a in scores[positive] for b in scores[~positive]]
    assert area_under_curve(positive, scores) == pytest.approx(np.mean(pairs))
    assert np.isnan(area_under_curve(np.ones(3, bool), np.ones(3)))
