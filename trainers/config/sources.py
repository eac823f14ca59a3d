"""Which photographs are of one source or camera, told by their names. No torch in here."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import AfterValidator

__all__ = ["SourcePattern", "checked_pattern", "source_of"]


def checked_pattern(pattern: str) -> str:
    """Return a regular expression as it is.

    Raises:
        ValueError: It does not compile.
    """
    try:
        re.compile(pattern)
    except re.error as error:
        raise ValueError(f"{pattern!r} is no regular expression: {error}; correct it") from None
    return pattern


SourcePattern = Annotated[str, AfterValidator(checked_pattern)]
"""What it finds in a photograph's name is shared by those of one source: its first group, or the whole match."""


def source_of(name: str, pattern: str) -> str:
    """Return the source of a photograph; its own name where the pattern is empty or finds nothing."""
    found = re.search(pattern, name) if pattern else None
    if found is None:
        return name
    return (found[1] if found.re.groups else None) or found[0] or name
