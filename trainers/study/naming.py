"""Names of runs: the family, then what a run's grid changes of the study's defaults, in a fixed order.

A name depends on its own run alone, so a new grid renames no other run. Two runs of one name are the same run.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from typing import Any

from pydantic_core import to_jsonable_python

__all__ = ["differences", "name_of"]

SHORT = {  # what stands before a value, in the order of a name; another field's value stands behind the field's name
    "network": "",
    "encoder": "",
    "weights": "",
    "clip": "",
    "kernel": "k",
    "width": "f",
    "batch_norm": "bn",
    "activation": "",
    "alpha": "a",
    "freeze_encoder": "frozen",
    "loss": "",
    "schedule": "",
    "precision": "",
    "epochs": "e",
    "batch_size": "bs",
    "learning_rate": "lr",
}
LAST = {"samples": "n", "budget": "b"}
IN_FAMILY = ("task", "network", "encoder")
LONGEST = 120  # characters; a file system takes 255 bytes


def differences(values: Mapping[str, Any], defaults: Mapping[str, Any]) -> dict[str, Any]:
    """Return what `values` has and `defaults` has not, or has otherwise, as JSON would have it."""
    plain, usual = to_jsonable_python(dict(values)), to_jsonable_python(dict(defaults))
    return {field: value for field, value in plain.items() if field not in usual or usual[field] != value}


def name_of(prefix: str, family: str, chosen: Mapping[str, Any]) -> str:
    """Return a name that is safe as a file's.

    Args:
        prefix: Of the grid; may be empty.
        family: What is trained, e.g. network and encoder.
        chosen: Values by field, as `differences` returns them. One that the family names already is left out.
    """
    told = [field for field in chosen if field not in IN_FAMILY or str(chosen[field]) not in family]
    order = [*SHORT, *sorted(set(told) - {*SHORT, *LAST}), *LAST]
    tokens = [_token(field, chosen[field]) for field in order if field in told]
    return _fitting("-".join(part for part in (prefix, _safe(family), *tokens) if part))


def _token(field: str, value: Any) -> str:
    before = {**SHORT, **LAST}.get(field, field)
    if isinstance(value, bool):
        return before if value else f"no{before}"
    if isinstance(value, str):
        return _safe(value if field in SHORT else f"{before}_{value}")
    if isinstance(value, int | float):
        return f"{before}{_number(value)}"
    return f"{before}_{_hash(json.dumps(value, sort_keys=True))}"


def _number(value: float) -> str:
    short = f"{value:g}"
    return (short if float(short) == value else repr(value)).replace("+", "")


def _safe(text: str) -> str:
    """Keep letters, digits, dot, dash and underscore; a text that loses others gets a hash, and so stays distinct."""
    safe = re.sub(r"[^A-Za-z0-9._-]+", "-", text).strip("-.")
    return safe if safe == text else f"{safe}-{_hash(text)}".lstrip("-")


def _fitting(name: str) -> str:
    return name if len(name) <= LONGEST else f"{name[: LONGEST - 9]}-{_hash(name)}"


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:8]
