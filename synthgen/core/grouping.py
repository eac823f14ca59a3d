"""Which pictures are of one group, told by their names."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import AfterValidator

__all__ = ["GroupPattern", "checked_pattern", "group_in"]


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


GroupPattern = Annotated[str, AfterValidator(checked_pattern)]
"""What it finds in a picture's name is shared by those of one group: its first group, or the whole match."""


def group_in(name: str, pattern: str) -> str:
    """Return the group that a name tells; empty where the pattern is empty or finds nothing."""
    found = re.search(pattern, name) if pattern else None
    if found is None:
        return ""
    return (found[1] if found.re.groups else None) or found[0]
