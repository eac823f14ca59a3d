"""The sheet by which pseudo-labels are judged."""

import numpy as np
import pytest

from pseudo_labels import labelled_photographs
from synthgen.core.picture import Boxes
from synthgen.draw.palette import FALSE_ALARM, HIT
from synthgen.formats.photograph import read_photograph
from trainers.pseudo.sheet import COLUMNS, GAP, SHOWN, TILE, pseudo_sheet

REFUSED = {"valid": False, "reason": "score below 0.3"}


@pytest.fixture
def rows(tmp_path):
    """Return what makes rows with their photographs, each with a box."""
    boxes = Boxes.of([[4, 3, 12, 9]], ["weapon"], [0.5])
    return lambda *values: labelled_photographs(
        tmp_path, [(f"{number}.png", {"boxes": boxes, **each}) for number, each in enumerate(values)]
    )


@pytest.fixture
def drawn(tmp_path):
    """Return what draws the sheet of rows."""
    return lambda rows, title: pseudo_sheet(rows, lambda number: read_photograph(tmp_path / rows[number].file), title)


def has(sheet, colour):
    """Whether a line of that colour is drawn."""
    return (sheet == np.array(colour, np.uint8)).all(axis=2).any()


def test_what_passed_is_green_and_what_was_refused_is_red(rows, drawn):
    passed = drawn(rows({}), "weapons")
    refused = drawn(rows(REFUSED), "weapons")
    assert has(passed, HIT) and not has(passed, FALSE_ALARM)
    assert has(refused, FALSE_ALARM) and not has(refused, HIT)
    both = drawn(rows({}, REFUSED), "weapons")
    assert both.shape[0] == passed.shape[0] + refused.shape[0]


def test_it_shows_so_many_at_most(rows, drawn):
    few, many = (drawn(rows(*[{}] * count), "w") for count in (SHOWN, SHOWN + 20))
    assert few.shape == many.shape == (few.shape[0], COLUMNS * (TILE + GAP) + GAP, 3)


def test_what_there_is_nothing_to_judge_of_is_not_shown(rows, drawn):
    unreadable = {**REFUSED, "mask": np.zeros((0, 0), bool)}
    assert drawn(rows({"label": 0}, unreadable), "w") is None
    np.testing.assert_array_equal(drawn(rows({}, {"label": 0}, unreadable), "w"), drawn(rows({}), "w"))
