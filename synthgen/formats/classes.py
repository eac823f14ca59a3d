"""The file of `--classes`, of imports and of exports: categories renamed, merged, or dropped."""

from __future__ import annotations

from pathlib import Path

from synthgen.core.errors import ConfigError
from synthgen.core.yaml_file import read_yaml

__all__ = ["read_classes"]


def read_classes(path: Path) -> dict[str, str | None]:
    """Read a YAML mapping: `sedan: car` renames, two to one name merge, `person: null` drops; "*" is all others.

    Raises:
        ConfigError: It cannot be read, or a value is neither text nor null.
    """
    changes = read_yaml(path, "file of classes")
    for category, name in changes.items():
        if name is not None and not isinstance(name, str):
            raise ConfigError(f"{path}: {category}: expected the name of a class, or null to drop it (found {name!r})")
    return changes
