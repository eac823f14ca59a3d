"""The sheet by which pseudo-labels are judged."""

import numpy as np
import pytest

from pseudo_labels import labelled_photographs
from synthgen.core.picture import Boxes
from synthgen.draw.palette import FALSE_ALARM, HIT
from trainers.pseudo.sheet import COLUMNS, GAP, SHOWN, TILE, pseudo_sheet

REFUSED = {"valid": False, "reason": "score below 0.3"}


@pytest.fixture
def rows(tmp_path):
    """Return what makes rows with their photographs, each with a box."""
    boxes = Boxes.of([[4, 3, 12, 9]], ["weapon"], [0.5])
    return lambda *values: labelled_photographs(
        tmp_path, [(f"{number}.png", {"boxes": boxes, **each}) for number, each in enumerate(values)]
    )


def has(sheet, colour):
    """Whether a line of that colour is drawn."""
    return (sheet == np.array(colour, np.uint8)).all(axis=2).any()


def test_what_passed_is_green_and_what_was_refused_is_red(rows, tmp_path):
    passed = pseudo_sheet(rows({}), tmp_path, "weapons")
    refused = pseudo_sheet(rows(REFUSED), tmp_path, "weapons")
    assert has(passed, HIT) and not has(passed, FALSE_ALARM)
    assert has(refused, FALSE_ALARM) and not has(refused, HIT)
    both = pseudo_sheet(rows({}, REFUSED), tmp_path, "weapons")
    assert both.shape[0] == passed.shape[0] + refused.shape[0]


def test_it_shows_so_many_at_most(rows, tmp_path):
    few, many = (pseudo_sheet(rows(*[{}] * count), tmp_path, "w") for count in (SHOWN, SHOWN + 20))
    assert few.shape == many.shape == (few.shape[0], COLUMNS * (TILE + GAP) + GAP, 3)


def test_what_there_is_nothing_to_judge_of_is_not_shown(rows, tmp_path):
    unreadable = {**REFUSED, "mask": np.zeros((0, 0), bool)}
    assert pseudo_sheet(rows({"label": 0}, unreadable), tmp_path, "w") is None
    np.testing.assert_array_equal(
        pseudo_sheet(rows({}, {"label": 0}, unreadable), tmp_path, "w"), pseudo_sheet(rows({}), tmp_path, "w")
    )
