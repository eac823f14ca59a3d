"""How far the trainings of a study are, in a plain line now and then: they run in processes of their own."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from threading import Event, Thread

from trainers.learn.log import METRICS_FILE, logged

__all__ = ["news", "watching"]

EVERY = 20.0  # seconds


@contextmanager
def watching(folders: Mapping[str, Path], tell: Callable[[str], None], every: float = EVERY) -> Iterator[None]:
    """Call `tell` with a line for each training that has ended an epoch since the last time, until the block ends.

    Args:
        folders: Of the trainings, by name.
        tell: Is called from another thread.
        every: Seconds between two looks.
    """
    ended, since = Event(), time.time()

    def look() -> None:
        seen = since
        while not ended.wait(every):
            seen, before = time.time(), seen
            for line in news(folders, before):
                tell(line)

    thread = Thread(target=look, daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


def news(folders: Mapping[str, Path], since: float) -> Iterator[str]:
    """Yield a line for each training whose log has grown since that time, in seconds since the epoch."""
    for name, folder in folders.items():
        try:
            if (folder / METRICS_FILE).stat().st_mtime < since:
                continue
            epochs, losses = logged(folder / METRICS_FILE, "train_loss")
        except (OSError, ValueError, KeyError):  # there is none yet, or half a line of it
            continue
        if epochs:
            yield f"{name}: epoch {epochs[-1]}, training loss {losses[-1]:.4f}"
