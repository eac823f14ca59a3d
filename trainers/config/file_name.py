"""Names that become folders: one word that is safe as a file's name."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import AfterValidator

__all__ = ["FileName", "file_name"]

SAFE = re.compile(r"\w[\w.+=-]{0,149}")


def file_name(text: str) -> str:
    """Return `text`, which may be empty.

    Raises:
        ValueError: It is not safe as the name of a file.
    """
    if text and not SAFE.fullmatch(text):
        raise ValueError(
            f"{text!r} cannot be the name of a folder; use at most 150 letters, digits, '.', '_', '-', '+' and '=', "
            "with a letter, a digit or '_' first"
        )
    return text


FileName = Annotated[str, AfterValidator(file_name)]
