"""Which objects are cut off, on which side, and by what."""

import cv2
import numpy as np
import pytest

from synthgen.importing.sides import cut_of, grown_to_border


def box(x0, y0, x1, y1, *, size=(100, 120)):
    mask = np.zeros(size, bool)
    mask[y0:y1, x0:x1] = True
    return mask


@pytest.mark.parametrize(
    ("mask", "sides"),
    [
        (box(20, 20, 60, 60), ""),
        (box(0, 20, 60, 60), "l"),
        (box(1, 20, 60, 60), "l"),
        (box(4, 20, 60, 60), ""),
        (box(20, 50, 60, 100), "b"),
        (box(80, 0, 120, 60), "rt"),
        (box(0, 20, 120, 60), "lr"),
    ],
)
def test_the_border_of_the_picture_cuts_what_reaches_it(mask, sides):
    cut = cut_of(mask, [])
    assert (cut.sides, bool(cut.by)) == (sides, bool(sides))


def test_a_corner_that_merely_touches_is_not_cut():
    mask = box(20, 20, 60, 60)
    mask[40, :20] = True  # a thin tip
    assert cut_of(mask, []).sides == ""


def test_of_two_that_touch_the_one_with_a_bite_is_cut():
    """A cup before a table: the hull of the table holds the cup."""
    cup, table = box(50, 30, 70, 60), box(20, 40, 100, 90) & ~box(50, 30, 70, 60)
    assert cut_of(cup, [table]).by == ""
    assert cut_of(table, [cup]).by == "another object"


def test_what_a_mask_holds_of_another_cuts_neither():
    person, tie = box(20, 10, 80, 90), box(45, 30, 55, 60)
    assert cut_of(person, [tie]).by == "" and cut_of(tie, [person]).by == ""


def test_a_straight_contact_leaves_both_in_doubt():
    above, below = box(20, 10, 80, 50), box(20, 51, 80, 95)
    assert cut_of(above, [below]).sides == "b" and cut_of(below, [above]).sides == "t"


def test_an_end_that_another_object_cut_is_made_straight():
    ball = cv2.circle(np.zeros((100, 120), np.uint8), (45, 80), 8, 1, -1) > 0
    cut = cut_of(box(30, 10, 60, 80) & ~ball, [ball])
    assert cut.sides == "b" and cut.kept is not None and 68 <= cut.kept[3] <= 72


def test_a_cut_through_the_middle_has_no_straight_end():
    person, bar = box(30, 10, 60, 90) & ~box(0, 45, 120, 55), box(0, 45, 120, 55)
    assert cut_of(person, [bar]).kept is None


def test_a_mask_is_continued_to_the_border_that_cuts_it():
    grown = grown_to_border(box(20, 50, 60, 98), "b")
    assert np.array_equal(grown, box(20, 50, 60, 100))
