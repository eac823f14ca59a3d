"""Tells by looking which format a source has."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from synthgen.core.errors import ConfigError
from synthgen.formats.offer import Format

__all__ = ["detected"]


def detected(source: Path, formats: Mapping[str, Format]) -> str:
    """Return the name of the format that fits a source.

    Raises:
        ConfigError: There is no such source, no format fits, or more than one does.
    """
    if not source.exists():
        raise ConfigError(f"{source}: no such file or folder; correct the path")
    fitting = [name for name, format_ in formats.items() if format_.fits(source)]
    fitting = [name for name in fitting if not formats[name].fallback] or fitting
    if not fitting:
        known = ", ".join(f"{name} ({format_.about})" for name, format_ in formats.items())
        raise ConfigError(f"{source}: in no format that is known; formats: {known}; name one with --format")
    if len(fitting) > 1:
        raise ConfigError(f"{source}: fits the formats {' and '.join(fitting)}; name the one you mean with --format")
    return fitting[0]
