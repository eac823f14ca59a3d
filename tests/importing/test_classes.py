"""A file of classes is held against what a source offers, so that a mistyped name is noticed."""

from pathlib import Path

import pytest

from synthgen.core.errors import ConfigError
from synthgen.formats.offer import Mark, Photograph, Ready, Refused
from synthgen.importing.classes import offered_categories, unknown_classes
from synthgen.importing.settings import ImportSettings

OFFERS = [
    Photograph("p", lambda: None, (Mark("1", "cup", lambda size: None), Mark("2", "", lambda size: None))),
    Ready("q", Path("q.png"), category="laptop"),
    Refused("r", "broken"),
]


def lines(classes, offers=OFFERS):
    settings = ImportSettings(category="thing", classes=classes)
    return unknown_classes(offered_categories(offers, settings), settings)


def test_categories_are_those_of_marks_and_files_and_the_settings_name_what_has_none():
    assert offered_categories(OFFERS, ImportSettings(category="thing")) == {"cup", "thing", "laptop"}
    frame = Photograph("frame", lambda: None)
    assert offered_categories([frame], ImportSettings(role="background", category="office")) == {"office"}


def test_names_that_are_there_are_no_cause_for_a_word():
    assert lines({}) == lines({"cup": "mug", "thing": None, "laptop": "laptop"}) == []


@pytest.mark.parametrize(("typed", "nearest"), [("cups", "cup"), ("LAPTOP", "laptop"), ("labtop", "laptop")])
def test_a_name_that_nothing_has_is_named_with_the_nearest_that_there_is(typed, nearest):
    assert lines({"cup": None, typed: None}) == [
        f"--classes: nothing is of category {typed!r}; the nearest is {nearest!r}"
    ]


def test_what_is_offered_without_a_category_has_no_nearest():
    assert lines({"cup": None}, offers=[Refused("r", "broken")]) == []


def test_classes_that_leave_nothing_are_refused():
    with pytest.raises(ConfigError, match=r"--classes: all that is offered is dropped \('cup', 'laptop', 'thing'\)"):
        lines({"cup": None, "laptop": None, "thing": None})
