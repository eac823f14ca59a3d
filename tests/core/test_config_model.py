"""The base of config sections: strict where YAML has the type, forgiving where it has none."""

from pathlib import Path
from typing import Annotated, Any, Literal

import pytest
from pydantic import Field, RootModel, ValidationError

from synthgen.core.config import Model
from synthgen.core.paths import FromCommandLine, LocalPath


class Inner(Model):
    share: float = Field(default=0.5, ge=0, le=1)


class Section(Model):
    flag: bool = False
    count: int = Field(default=1, ge=0)
    amount: float = 1.0
    name: str = ""
    maybe: int | None = None
    kind: Literal["one", "two"] = "one"
    pair: tuple[int, int] = (0, 0)
    points: tuple[tuple[float, float], ...] = ()
    weights: dict[str, float] = Field(default_factory=dict)
    path: LocalPath = Path()
    limited: Annotated[float, Field(gt=0)] = 1.0
    inner: Inner = Inner()
    inners: tuple[Inner, ...] = ()
    switch: bool | tuple[dict[str, Any], ...] = True
    anything: dict[str, Any] = Field(default_factory=dict)


class Sections(RootModel[tuple[Section, ...]]):
    pass


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"flag": 1}, "valid boolean"),
        ({"flag": "yes"}, "valid boolean"),
        ({"count": True}, "valid integer"),
        ({"count": "10"}, "valid integer"),
        ({"count": 10.0}, "valid integer"),
        ({"amount": "0.5"}, "valid number"),
        ({"amount": True}, "valid number"),
        ({"name": 5}, "valid string"),
        ({"name": True}, "valid string"),
        ({"maybe": "3"}, "valid integer"),
        ({"pair": ["1", 2]}, "valid integer"),
        ({"pair": "12"}, "valid tuple"),
        ({"points": [[1, True]]}, "valid number"),
        ({"weights": {"a": "1"}}, "valid number"),
        ({"weights": {1: 1}}, "valid string"),
        ({"limited": "1"}, "valid number"),
        ({"inner": {"share": True}}, "valid number"),
        ({"inners": [{"share": "1"}]}, "valid number"),
        ({"switch": 1}, "valid boolean"),
        ({"path": 3}, "not a valid path"),
        ({"amount": float("nan")}, "finite"),
    ],
)
def test_a_value_of_another_type_is_refused(values, message):
    with pytest.raises(ValidationError, match=message):
        Section.model_validate(values)
    with pytest.raises(ValidationError, match=message):
        Sections.model_validate([values])


def test_lists_text_and_whole_numbers_stand_for_tuples_paths_and_fractions():
    section = Section.model_validate(
        {"pair": [1, 2], "points": [[0, 1]], "path": "a/b", "amount": 3, "inners": [{"share": 1}], "switch": [{}]}
    )
    assert (section.pair, section.points, section.path) == ((1, 2), ((0.0, 1.0),), Path("a/b"))
    assert (section.amount, type(section.amount)) == (3.0, float)
    assert (section.inners[0].share, section.switch) == (1.0, ({},))


def test_lists_within_free_values_stay_lists():
    assert Section.model_validate({"anything": {"a": [1, [2]]}}).anything == {"a": [1, [2]]}


def test_text_from_the_command_line_is_text():
    section = Section.model_validate({"name": FromCommandLine("x"), "kind": FromCommandLine("two")})
    assert (section.name, section.kind) == ("x", "two")


def test_python_values_make_a_section_too():
    assert Section(pair=(1, 2), path=Path("x"), points=((0.0, 1.0),), inner=Inner(share=1)).inner.share == 1


def test_what_was_written_as_json_is_read_back():
    section = Section(pair=(1, 2), path=Path("x"), weights={"a": 1.0}, amount=2.0, anything={"b": [1]})
    assert Section.model_validate_json(section.model_dump_json()) == section
    with pytest.raises(ValidationError, match="valid integer"):
        Section.model_validate_json('{"count": "10"}')
