"""Objects on their way between processes."""

from __future__ import annotations

import pickle
from typing import Any

import cloudpickle

__all__ = ["packed", "unpacked"]


def packed(value: Any) -> bytes:
    """Return `value` as bytes; what a script defines, which no other process can import, is packed with its code."""
    try:
        data = pickle.dumps(value)
    except (pickle.PicklingError, AttributeError, TypeError):
        data = b"__main__"
    return data if b"__main__" not in data else bytes(cloudpickle.dumps(value))


def unpacked(data: bytes) -> Any:
    """Return what was packed."""
    return pickle.loads(data)
