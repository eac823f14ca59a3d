"""Registries: names to entries, open to registration, closed to accidents."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from importlib import import_module
from typing import Any, Generic, TypeVar

from synthgen.core.errors import ConfigError

__all__ = ["LazyRegistry", "Registry"]

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
        _refuse_clash(self.noun, name, self._entries)
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
            raise _unknown(self.noun, name, self._entries) from None

    def __contains__(self, name: object) -> bool:
        """Tell whether `name` is registered."""
        return name in self._entries

    def __iter__(self) -> Iterator[str]:
        """Iterate over the names in order of registration."""
        return iter(self._entries)

    def __len__(self) -> int:
        """Count the entries."""
        return len(self._entries)


class LazyRegistry(Mapping[str, T], Generic[T]):
    """A registry of entries that are imported when they are first asked for.

    Names, `in`, iteration and length import nothing, so a config can check a name without torch.

    Example:
        >>> losses = LazyRegistry[Any]("loss")
        >>> losses.register("root", "math:sqrt")
        >>> list(losses), losses["root"](9.0)
        (['root'], 3.0)
    """

    def __init__(self, noun: str) -> None:
        """Start empty; `noun` names an entry in messages, e.g. "network"."""
        self.noun = noun
        self._targets: dict[str, str] = {}

    def register(self, name: str, target: str) -> None:
        """Add what `target`, "module:object", will name once it is imported.

        Raises:
            ValueError: The name is taken, or the target is not of that form.
        """
        _refuse_clash(self.noun, name, self._targets)
        module, colon, entry = target.partition(":")
        if not (module and colon and entry):
            raise ValueError(f"{self.noun} {name!r}: target {target!r}; expected 'module:object'")
        self._targets[name] = target

    def __getitem__(self, name: str) -> T:
        """Import the entry and return it.

        Raises:
            ConfigError: There is none, and the message lists those there are; or it cannot be imported.
        """
        if name not in self._targets:
            raise _unknown(self.noun, name, self._targets)
        module, _, entry = self._targets[name].partition(":")
        try:
            found: T = getattr(import_module(module), entry)
        except (ImportError, AttributeError) as error:
            raise ConfigError(
                f"{self.noun} {name!r} cannot be loaded from {module}: {error}; install what it needs"
            ) from error
        return found

    def __contains__(self, name: object) -> bool:
        """Tell whether `name` is registered."""
        return name in self._targets

    def __iter__(self) -> Iterator[str]:
        """Iterate over the names in order of registration."""
        return iter(self._targets)

    def __len__(self) -> int:
        """Count the entries."""
        return len(self._targets)


def _refuse_clash(noun: str, name: str, taken: Mapping[str, Any]) -> None:
    if name in taken:
        raise ValueError(f"{noun} {name!r} is registered already; choose another name")


def _unknown(noun: str, name: str, known: Iterable[str]) -> ConfigError:
    return ConfigError(f"unknown {noun} {name!r}; choose one of: {', '.join(sorted(known))}")
