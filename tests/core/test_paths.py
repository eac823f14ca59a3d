"""Paths in a config: relative to their file, or to the working directory where they were typed."""

from pathlib import Path

import pytest
from pydantic import ValidationError

from synthgen.core.config import Model
from synthgen.core.paths import FromCommandLine, LocalFolder, LocalPath


class Places(Model):
    place: LocalPath = Path()
    folder: LocalFolder = Path()


def test_a_path_is_relative_to_its_file(tmp_path):
    assert Places.model_validate({"place": "a"}, context={"base": tmp_path}).place == tmp_path / "a"


def test_a_typed_path_is_relative_to_the_working_directory(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    typed = {"place": FromCommandLine("a")}
    assert Places.model_validate(typed, context={"base": Path("/elsewhere")}).place == tmp_path / "a"


def test_without_a_file_a_path_stays_as_it_is():
    assert Places.model_validate({"place": "a", "folder": "none"}).folder == Path("none")


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("a\0b", "holds a NUL character"),
        ("~nobody-of-this-name/a", "there is no such user; write the folder in full"),
        ("x" * 5000, "File name too long; correct the path"),
        ("none", "none: no such folder; create it or correct the path"),
    ],
)
def test_what_is_no_path_is_refused(tmp_path, path, message):
    with pytest.raises(ValidationError, match=message):
        Places.model_validate({"folder": path}, context={"base": tmp_path})
