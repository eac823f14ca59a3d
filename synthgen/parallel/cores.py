"""How many cores there are to share."""

from __future__ import annotations

import os

__all__ = ["usable_cores"]


def usable_cores() -> int:
    """Return how many cores this process may use: fewer than the machine has, where it was bound to some of them."""
    if hasattr(os, "sched_getaffinity"):  # Linux; others bind no process
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
