"""Which photographs are of one source or camera, told by their names. No torch in here."""

from __future__ import annotations

from synthgen.core.grouping import GroupPattern as SourcePattern
from synthgen.core.grouping import group_in

__all__ = ["SourcePattern", "source_of"]


def source_of(name: str, pattern: str) -> str:
    """Return the source of a photograph; its own name where the pattern is empty or finds nothing."""
    return group_in(name, pattern) or name
