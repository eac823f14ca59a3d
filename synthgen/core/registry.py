"""A registry: names to entries, open to registration, closed to accidents."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Generic, TypeVar

from synthgen.core.errors import ConfigError

__all__ = ["Registry"]

T = TypeVar("T")


class Registry(Mapping[str, T], Generic[T]):
    """Read-only mapping that grows through `register` alone; a clash is refused."""

    def __init__(self, noun: str) -> None:
        """Start empty; `noun` names an entry in messages, e.g. "blend"."""
        self.noun = noun
        self._entries: dict[str, T] = {}
        self._names: dict[T, str] = {}

    def register(self, name: str, entry: T) -> T:
        """Add `entry` under `name` and return it.

        Raises:
            ValueError: The name is taken.
        """
        if name in self._entries:
            raise ValueError(f"{self.noun} {name!r} is registered already; choose another name")
        self._entries[name] = entry
        self._names[entry] = name
        return entry

    def name_of(self, entry: T) -> str:
        """Return the name under which `entry` was registered last.

        Raises:
            KeyError: It is not registered.
        """
        return self._names[entry]

    def __getitem__(self, name: str) -> T:
        """Return the entry.

        Raises:
            ConfigError: There is none; the message lists those there are.
        """
        try:
            return self._entries[name]
        except KeyError:
            known = ", ".join(sorted(self._entries))
            raise ConfigError(f"unknown {self.noun} {name!r}; choose one of: {known}") from None

    def __contains__(self, name: object) -> bool:
        """Tell whether `name` is registered."""
        return name in self._entries

    def __iter__(self) -> Iterator[str]:
        """Iterate over the names in order of registration."""
        return iter(self._entries)

    def __len__(self) -> int:
        """Count the entries."""
        return len(self._entries)
