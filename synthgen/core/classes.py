"""Classes that are exported or learnt: a dataset's categories as they are, renamed, merged, dropped, or all in one."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from synthgen.core.errors import ConfigError

__all__ = ["ONE_CLASS", "REST", "Classes", "name_in"]

ONE_CLASS = "object"
REST = "*"  # stands for every category that changes do not name
CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")  # what neither XML nor a line of text can hold


@dataclass(frozen=True, slots=True)
class Classes:
    """What becomes of each category.

    Attributes:
        names: The classes; the first has id 1, as 0 is background.
        renamed: Category → class; None for those that are dropped.
    """

    names: tuple[str, ...]
    renamed: Mapping[str, str | None]

    @classmethod
    def of(cls, categories: Sequence[str], changes: Mapping[str, str | None] | None = None) -> Classes:
        """Return the classes of `categories` in their order.

        Those that `changes` does not name become what it says of "*"; without that, they stay as they are.

        Raises:
            ConfigError: A change names no category, nothing is left, or a class has no name that can be written.
        """
        given = changes or {}
        for category in given:
            if category != REST and category not in categories:
                known = ", ".join(map(repr, categories))
                raise ConfigError(f"--classes: no category {category!r}; the dataset has: {known}")
        renamed = {category: name_in(given, category) for category in categories}
        names = tuple(dict.fromkeys(name for name in renamed.values() if name is not None))
        if not names:
            raise ConfigError("--classes: every category is dropped; keep one")
        for name in names:
            if not name.strip() or CONTROL.search(name):
                raise ConfigError(
                    f"class {name!r}: is empty, or holds a line break or another character that labels cannot hold; "
                    "rename it with --classes"
                )
        return cls(names, renamed)

    @property
    def unchanged(self) -> bool:
        """Whether each category is a class of its own name."""
        return all(category == name for category, name in self.renamed.items())

    def id_of(self, name: str) -> int:
        """Return the id of a class, from 1."""
        return self.names.index(name) + 1


def name_in(changes: Mapping[str, str | None], category: str) -> str | None:
    """Return what a category is called after the changes; None where it is dropped."""
    return changes.get(category, changes.get(REST, category))
