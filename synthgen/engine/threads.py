"""OpenCV's threads while samples are rendered."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import cv2

__all__ = ["one_thread"]


@contextmanager
def one_thread() -> Iterator[None]:
    """Give OpenCV one thread, as each worker does, and its own ones again at the end."""
    threads = cv2.getNumThreads()
    cv2.setNumThreads(1)
    try:
        yield
    finally:
        cv2.setNumThreads(threads)
