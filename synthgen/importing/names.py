"""Names that are safe: ids that are files, categories that are words."""

from __future__ import annotations

import re
from collections.abc import Iterable

__all__ = ["Ids", "check_category"]

LONGEST = 120  # characters of an id, as file systems take 255 bytes
UNSAFE = re.compile(r"[^A-Za-z0-9._+=-]+")


class Ids:
    """Gives ids that are no other's, whatever the case, and names of files in one."""

    def __init__(self, taken: Iterable[str]) -> None:
        """Start with the ids that are taken."""
        self._taken = {name.casefold() for name in taken}

    def new(self, name: str) -> str:
        """Return an id like `name`: letters, digits and . _ + = - of ASCII, with a number where another has it."""
        plain = UNSAFE.sub("-", name).strip("-.")[:LONGEST] or "object"
        found, number = plain, 2
        while found.casefold() in self._taken:
            found, number = f"{plain}-{number}", number + 1
        self._taken.add(found.casefold())
        return found


def check_category(name: str) -> str:
    """Return why a category cannot be one, empty where it can.

    It becomes a word in files and a folder of exports, so it may lead nowhere and has one line.
    """
    if not name.strip():
        return "its category is empty; name it with --category"
    if not name.isprintable() or "/" in name or "\\" in name or name.strip() in (".", ".."):
        return f"category {name[:60]!r} is no plain name; rename it with --classes"
    return "" if len(name) <= LONGEST else f"category {name[:40]!r}… is longer than {LONGEST} characters; rename it"
