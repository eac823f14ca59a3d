"""Scores of labels against values worked out by hand."""

from dataclasses import replace

import numpy as np
import pytest

from synthgen.core.picture import DecodedPicture, Truth
from trainers.config.operating_point import OperatingPoint
from trainers.score.labels import LABELS, known_label
from trainers.score.result import MAJORITY, SOURCE_ALONE, Row
from trainers.score.scorer import Settings

SIZE = (8, 8)


class Says:
    """Gives the probabilities that it was told, whatever it sees."""

    title, size = "says", SIZE

    def __init__(self, *values):
        self.values = np.array(values, np.float32)

    def labels(self, images):
        return self.values[: len(images)]


def rows_of(truths, *values, threshold=0.5):
    pictures = [DecodedPicture(str(n), "", np.zeros((*SIZE, 3), np.uint8), truth) for n, truth in enumerate(truths)]
    measured = LABELS.measure(Says(*values), pictures, Settings(OperatingPoint(threshold=threshold)))
    return [Row(picture.name, "", found.counted.figures) for picture, found in zip(pictures, measured, strict=True)]


def test_scores_by_hand():
    rows = rows_of([Truth(label=label) for label in (1, 1, 0, 0)], [0.9], [0.2], [0.6], [0.1])
    scores = LABELS.scores(rows)
    names = ("accuracy", "balanced_accuracy", "precision", "recall", "f1")
    assert {scores[name] for name in (*names, "precision_at_half", "recall_at_half", "f1_at_half")} == {0.5}
    assert (scores["auc"], scores["ap"]) == pytest.approx((3 / 4, 1 / 2 + 1 / 2 * 2 / 3))
    assert scores["ece"] == pytest.approx((0.1 + 0.8 + 0.6 + 0.1) / 4)  # each alone in its bin
    assert np.isnan(scores["auc_within"])


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


def test_at_half_a_probability_of_one_half_passes_whatever_the_operating_point():
    rows = rows_of([Truth(label=label) for label in (1, 1, 0, 0)], [0.9], [0.5], [0.6], [0.1], threshold=0.8)
    scores = LABELS.scores(rows)
    assert (scores["precision"], scores["recall"], scores["f1"]) == pytest.approx((1, 1 / 2, 2 / 3))
    at_half = [scores[f"{name}_at_half"] for name in ("precision", "recall", "f1")]
    assert at_half == pytest.approx([2 / 3, 1, 4 / 5])


def test_where_nothing_is_found_f1_is_0_and_where_nothing_is_to_be_found_there_is_none():
    missed = LABELS.scores(rows_of([Truth(label=1), Truth(label=0)], [0.1], [0.2]))
    assert missed["f1"] == 0 and np.isnan(missed["precision"])
    empty = LABELS.scores(rows_of([Truth(label=0), Truth(label=0)], [0.9], [0.2]))
    assert np.isnan(empty["f1"]) and np.isnan(empty["auc"]) and np.isnan(empty["ap"]) and empty["accuracy"] == 0.5


def from_sources(rows, *sources):
    return [replace(row, traits={"source": source}) for row, source in zip(rows, sources, strict=True)]


def test_the_source_alone_gets_what_the_shares_of_positives_tell():
    labels = (1, 1, 1, 0, 0, 0, 0, 1)
    rows = from_sources(rows_of([Truth(label=label) for label in labels], *([0.5],) * 8), *"aaaabbbb")
    scores = LABELS.scores(LABELS.baselines(rows)[SOURCE_ALONE])
    assert scores["accuracy"] == scores["balanced_accuracy"] == scores["recall"] == 3 / 4
    assert scores["auc"] == pytest.approx((9 + 2 * 3 / 2) / 16)  # of 4 · 4 pairs 9 are right, 3 + 3 ties
    assert scores["auc_within"] == 0.5


def test_a_source_of_one_label_alone_is_told_by_the_source_and_adds_no_pair_within_a_source():
    rows = rows_of([Truth(label=label) for label in (1, 1, 0, 1, 0)], [0.6], [0.7], [0.2], [0.4], [0.5])
    rows = from_sources(rows, *"ppnmm")
    assert LABELS.scores(rows)["auc"] == 5 / 6 and LABELS.scores(rows)["auc_within"] == 0
    alone = LABELS.scores(LABELS.baselines(rows[:3])[SOURCE_ALONE])
    assert alone["auc"] == 1 and np.isnan(alone["auc_within"])


def test_of_one_source_nothing_is_told_by_the_source():
    rows = from_sources(rows_of([Truth(label=1), Truth(label=0)], [0.6], [0.7]), "a", "a")
    assert SOURCE_ALONE not in LABELS.baselines(rows) and np.isnan(LABELS.scores(rows)["auc_within"])


def test_intervals_draw_groups_whole():
    rows = rows_of([Truth(label=n % 2) for n in range(40)], *([0.2 + 0.6 * (n % 2 == n // 20)] for n in range(40)))
    paired = [replace(row, group=f"g{n // 20}") for n, row in enumerate(rows)]  # all of one group are right, or wrong
    alone, grouped = LABELS.intervals(rows)["accuracy"], LABELS.intervals(paired)["accuracy"]
    assert grouped == (0.0, 1.0) and 0.2 < alone[0] < alone[1] < 0.8
