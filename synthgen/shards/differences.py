"""Which settings two runs differ in, in words."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

__all__ = ["changed_parts"]

LISTED = 5  # differences that one message names


def changed_parts(old: Mapping[str, str], new: Mapping[str, str]) -> list[str]:
    """Say for each part what it was and is; a part that is a JSON object, option by option."""
    before, after = _flat(old), _flat(new)
    names = sorted(name for name in before.keys() | after.keys() if before.get(name) != after.get(name))
    lines = [f"{name} was {_short(before.get(name))}, is {_short(after.get(name))} now" for name in names]
    return lines[:LISTED] + ([f"and {len(lines) - LISTED} more"] if len(lines) > LISTED else [])


def _flat(parts: Mapping[str, str]) -> dict[str, str]:
    found = dict[str, str]()
    for name, text in parts.items():
        options = _options(text)
        found |= {name: text} if options is None else _dotted(name, options)
    return found


def _options(text: str) -> dict[str, Any] | None:
    try:
        value = json.loads(text)
    except ValueError:
        return None
    return value if isinstance(value, dict) else None


def _dotted(name: str, value: Any) -> dict[str, str]:
    if not isinstance(value, dict):
        return {name: json.dumps(value)}
    return {key: text for part, inner in value.items() for key, text in _dotted(f"{name}.{part}", inner).items()}


def _short(value: str | None) -> str:
    if value is None:
        return "not set"
    return value if len(value) <= 40 else f"{value[:12]}…"
