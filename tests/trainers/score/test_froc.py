"""FROC, confusion and detection error by sequence against values worked out by hand."""

import numpy as np
import pytest

from synthgen.core.picture import Boxes, Truth
from trainers.score.box_figures import box_figures
from trainers.score.boxes import BOXES
from trainers.score.confusion import confusion_of
from trainers.score.froc import froc_of, recall_at
from trainers.score.result import Row
from trainers.score.sequences import sequence_errors

SIZE = (100, 100)
GUN, KNIFE = (0, 0, 20, 20), (40, 40, 60, 60)
ELSEWHERE = (70, 0, 90, 20), (70, 30, 90, 50), (70, 70, 90, 90)


def row(found, true, *, decided=None, ignore=None, group="", name=""):
    """Found: (box, category, score) each; true: (box, category), and True for a crowd."""
    boxes = Boxes.of([each[0] for each in found], [each[1] for each in found], [each[2] for each in found])
    truth = Boxes.of([each[0] for each in true], [each[1] for each in true], crowd=[len(each) > 2 for each in true])
    counted = box_figures(boxes, None, Truth(boxes=truth, ignore=ignore), SIZE, decided)
    return Row(name, group, counted.figures, counted.ranked, pairs=counted.pairs)


def test_froc_by_hand():
    rows = [
        row([(GUN, "", 0.9), (ELSEWHERE[0], "", 0.8), (KNIFE, "", 0.6)], [(GUN, ""), (KNIFE, "")]),
        row([(ELSEWHERE[1], "", 0.8), (ELSEWHERE[2], "", 0.7)], [(GUN, ""), (KNIFE, "")]),
    ]
    curve = froc_of(rows)
    assert curve.thresholds.tolist() == pytest.approx([np.inf, 0.9, 0.8, 0.7, 0.6])
    assert curve.alarms.tolist() == [0, 0, 1, 1.5, 1.5]  # both boxes of .8 pass at once
    assert curve.recalls.tolist() == [0, 0.25, 0.25, 0.25, 0.5]
    assert [curve.recall_at(level) for level in (0, 0.5, 1, 1.49, 1.5, 8)] == [0.25, 0.25, 0.25, 0.25, 0.5, 0.5]
    assert BOXES.scores(rows)["recall_at_1_fa"] == 0.25
    assert recall_at(rows, 1)(np.array([1, 0])) == 1  # the first picture alone has but one false alarm


def test_a_second_box_on_a_true_one_is_a_false_alarm_and_a_box_in_a_crowd_or_an_ignored_region_is_none():
    ignore = np.zeros(SIZE, bool)
    ignore[60:, 60:] = True
    found = [(GUN, "", 0.9), (GUN, "", 0.8), (KNIFE, "", 0.7), (ELSEWHERE[2], "", 0.6)]
    curve = froc_of([row(found, [(GUN, ""), (KNIFE, "", True)], ignore=ignore)])
    assert (curve.alarms.tolist(), curve.recalls.tolist()) == ([0, 0, 1], [0, 1, 1])


def test_a_box_of_a_category_that_is_nowhere_true_is_a_false_alarm():
    curve = froc_of([row([(GUN, "spoon", 0.9)], [(GUN, "gun")])])
    assert (curve.alarms.tolist(), curve.recalls.tolist()) == ([0, 1], [0, 0])


def test_confusion_by_hand():
    rows = [
        row([(GUN, "gun", 0.9), (KNIFE, "gun", 0.8), (ELSEWHERE[0], "knife", 0.7)], [(GUN, "gun"), (KNIFE, "knife")]),
        row([(KNIFE, "knife", 0.9), (ELSEWHERE[0], "knife", 0.2)], [(GUN, "gun")], decided=np.array([True, False])),
    ]
    found = confusion_of(rows)
    assert found.names == ("gun", "knife")
    assert found.counts.tolist() == [[1, 0, 1], [1, 0, 0], [0, 2, 0]]
    assert found.recalls == {"gun": 0.5, "knife": 0} and found.precisions == {"gun": 0.5, "knife": 0}


def test_what_is_found_as_itself_is_not_confused_even_where_another_box_fits_better():
    (one,) = [row([(GUN, "knife", 0.9), ((0, 0, 20, 15), "gun", 0.5)], [(GUN, "gun")])]
    assert confusion_of([one]).counts.tolist() == [[1, 0, 0], [0, 0, 0], [0, 1, 0]]


def test_without_categories_all_are_objects():
    found = confusion_of([row([(GUN, "", 0.9), (ELSEWHERE[0], "", 0.9)], [(GUN, "gun"), (KNIFE, "knife")])])
    assert found.names == ("object",) and found.counts.tolist() == [[1, 1], [1, 0]]


def test_a_box_in_a_crowd_is_not_confused():
    assert confusion_of([row([(KNIFE, "gun", 0.9)], [(KNIFE, "gun", True)])]).counts.tolist() == [[0]]


def frames(count, found, group, targets=1, empty=0):
    shown = [(GUN, ""), (KNIFE, "")][:targets]
    seen = [row([(GUN, "", 0.9)], shown, group=group)] * found + [row([], shown, group=group)] * (count - found)
    return seen + [row([(GUN, "", 0.9)], [], group=group)] * empty


def test_the_error_of_a_sequence_by_hand():
    rows = frames(128, 117, "one") + frames(16, 4, "two", targets=2, empty=9) + frames(3, 0, "too short")
    first, second = sequence_errors(rows)
    assert (first.group, first.frames, first.found, first.error) == ("one", 128, 117, pytest.approx(0.0859, abs=5e-5))
    assert (second.frames, second.found, second.error) == (16, 4, 0.75)
    assert BOXES.scores(rows)["sequence_error"] == pytest.approx(1 - (117 + 4) / (128 + 16))
    assert np.isnan(BOXES.scores(frames(3, 3, "short"))["sequence_error"])


def test_a_frame_is_found_at_the_operating_point():
    unsure = [row([(GUN, "", 0.3)], [(GUN, "")], decided=np.array([False]), group="one")] * 16
    scores = BOXES.scores(unsure)
    assert (scores["sequence_error"], scores["box_recall"], scores["ap50"]) == (1, 0, 1)


def test_intervals_draw_whole_sequences():
    good, bad = frames(16, 16, "good"), frames(16, 0, "bad")
    assert BOXES.intervals(good + bad)["sequence_error"] == (0, 1)  # some resamples are one of them twice
    low, high = BOXES.intervals(frames(16, 8, "alone"))["sequence_error"]
    assert 0 < low < 0.5 < high < 1  # of one sequence, frames


def test_nothing_true_anywhere_has_no_precision_and_no_error():
    scores = BOXES.scores([row([(GUN, "gun", 0.9)], []), row([], [])])
    unknown = {name for name, value in scores.items() if np.isnan(value)}
    assert {"ap", "ap50", "ap_small", "mask_ap", "recall_at_1_fa", "sequence_error", "pointing"} <= unknown
    assert (scores["box_recall"], scores["box_precision"], scores["boxes"]) == (0, 0, 1)
    assert "ap" not in BOXES.intervals([row([(GUN, "gun", 0.9)], [])] * 3)
    assert confusion_of([row([], [])]).counts.tolist() == [[0]]
