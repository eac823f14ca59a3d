"""Slices: rows with something in common, scored as the scorer scores all rows."""

import math
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ranked_rows import one_found
from trainers.score.boxes import BOXES
from trainers.score.labels import LABELS, LabelScorer
from trainers.score.pixels import PIXELS
from trainers.score.result import Row
from trainers.score.slices import LEAST, slices_of, worst_of


def boxed(hits, truth=1, **traits):
    figures = {"hits": hits, "found": truth, "truth": truth, "inside": 0, "pixels": 0}
    return Row("", "", figures, one_found(hits, truth=truth), traits)


def masked(tp, fn, **traits):
    return Row("", "", {"tp": tp, "fp": 10, "tn": 900, "fn": fn}, {}, traits)


def labelled(right, label=1, **traits):
    found = label if right else 1 - label
    counts = {"tp": int(right and label), "fp": int(found > label), "tn": int(right and not label), "right": int(right)}
    return Row("", "", {"label": label, "found": found, **counts, "count": 1, "probability": float(found)}, {}, traits)


class Counting(LabelScorer):
    """Scores rows by how many they are."""

    headline = "rows"

    def scores(self, rows):
        return {"rows": len(rows)}

    def intervals(self, rows):
        return {}


def by_label(slices):
    return {(part.trait, part.label): part for part in slices}


def test_a_slice_has_the_scores_of_its_rows_alone():
    rows = [boxed(1, size=0.5)] * 12 + [boxed(0, size=0.05)] * 9 + [boxed(1, size=0.05)] * 3
    small, medium = slices_of(rows, BOXES)
    assert (small.trait, small.label, small.low, small.high) == ("size", "below 0.1", None, 0.1)
    assert (small.pictures, small.decisive, small.score) == (12, 12, 0.25)
    assert small.interval == BOXES.intervals(rows[12:])["box_recall"]
    assert small.scores == pytest.approx(BOXES.scores(rows[12:]), nan_ok=True)
    assert (medium.label, medium.low, medium.high, medium.score) == ("0.4–0.6", 0.4, 0.6, 1)


@pytest.mark.parametrize(
    ("scorer", "good", "bad"),
    [(BOXES, boxed(1), boxed(0)), (PIXELS, masked(90, 0), masked(0, 90)), (LABELS, labelled(True), labelled(False))],
)
def test_every_scorer_can_be_sliced(scorer, good, bad):
    rows = [replace(good, traits={"ground": "scene"})] * 30 + [replace(bad, traits={"ground": "plain"})] * 15
    plain, scene = slices_of(rows, scorer)
    assert (plain.label, scene.label) == ("plain", "scene") and plain.score < scene.score
    overall = scorer.scores(rows)[scorer.headline]
    assert worst_of((plain, scene), overall) == (plain,)


@settings(max_examples=30)
@given(st.lists(st.floats(0, 1), max_size=40), st.integers(0, 5))
def test_ranges_share_no_picture_and_leave_none_out(sizes, unknown):
    rows = [boxed(1, size=size) for size in sizes] + [boxed(1)] * unknown
    slices = slices_of(rows, Counting())
    assert sum(part.pictures for part in slices) == len(sizes) and all(part.trait == "size" for part in slices)
    for part in slices:
        within = [size for size in sizes if (part.low or 0) <= size < (part.high or math.inf)]
        assert part.pictures == len(within)


def test_numbers_of_things_are_told_as_such():
    rows = [boxed(1, truth=max(1, count), crowding=float(count)) for count in (0, 1, 2, 3, 4, 5, 9)]
    assert [part.label for part in slices_of(rows, Counting())] == ["0", "1", "2", "3–4", "5 and above"]


def test_a_picture_counts_in_the_slice_of_each_of_its_categories():
    rows = [boxed(1, category=("gun", "rifle")), boxed(0, category=("rifle",))]
    found = by_label(slices_of(rows, Counting()))
    assert found["category", "gun"].pictures == 1 and found["category", "rifle"].pictures == 2


def test_pictures_without_a_target_say_nothing_of_what_is_found():
    (empty,) = slices_of([boxed(0, truth=0, crowding=0.0)] * 20, BOXES)
    assert (empty.pictures, empty.decisive, empty.interval) == (20, 0, None) and math.isnan(empty.score)
    assert worst_of((empty,), 0.9) == ()
    (clean,) = slices_of([labelled(True, 0, crowding=0.0)] * 20, LABELS)
    assert clean.decisive == 20 and clean.score == 1


def test_slices_of_few_pictures_are_shown_and_never_named():
    rows = [masked(90, 0, darkness=0.5)] * 40 + [masked(0, 90, darkness=0.95)] * (LEAST - 1)
    dark = slices_of(rows, PIXELS)[-1]
    assert dark.score == 0 and worst_of(slices_of(rows, PIXELS), PIXELS.scores(rows)["foreground_iou"]) == ()
    rows.append(masked(0, 90, darkness=0.95))
    assert [part.label for part in worst_of(slices_of(rows, PIXELS), 0.8)] == ["0.9 and above"]


def test_what_may_be_chance_is_not_named():
    half = [masked(90, 0), masked(0, 90)] * 30
    rows = [replace(row, traits={"ground": ("plain", "scene")[number % 3 == 0]}) for number, row in enumerate(half)]
    assert worst_of(slices_of(rows, PIXELS), PIXELS.scores(rows)["foreground_iou"]) == ()


def test_the_three_worst_are_named_worst_first():
    rows = [
        masked(90 * hit, 90 - 90 * hit, size=size, rotation=turn, blur=soft)
        for hit, size, turn, soft in [(1, 0.5, 0, 0.1)] * 200
        + [(0, 0.05, 20, 0.3)] * 10
        + [(1, 0.5, 20, 0.3)] * 5
        + [(0, 0.3, 0, 0.38)] * 10
        + [(1, 0.3, 0, 0.38)] * 5
    ]
    named = [(part.trait, round(part.score, 2)) for part in worst_of(slices_of(rows, PIXELS), 0.9)]
    assert named == [("size", 0), ("rotation", 0.3), ("blur", 0.3)]  # one of each trait
