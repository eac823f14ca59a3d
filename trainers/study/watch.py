"""How far the trainings of a study are, in a plain line now and then: they run in processes of their own."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from threading import Event, Thread

from trainers.learn.log import METRICS_FILE, logged

__all__ = ["last_epochs", "watching"]

EVERY = 20.0  # seconds


@contextmanager
def watching(folders: Mapping[str, Path], tell: Callable[[str], None], every: float = EVERY) -> Iterator[None]:
    """Call `tell` with a line for each training that has ended an epoch since the last time, until the block ends.

    Args:
        folders: Of the trainings, by name.
        tell: Is called from another thread.
        every: Seconds between two looks.
    """
    ended, before = Event(), last_epochs(folders)

    def look() -> None:
        seen = before
        while not ended.wait(every):
            now = last_epochs(folders)
            for name, (epoch, loss) in now.items():
                if seen.get(name) != (epoch, loss):
                    tell(f"{name}: epoch {epoch}, training loss {loss:.4f}")
            seen = seen | now

    thread = Thread(target=look, daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


def last_epochs(folders: Mapping[str, Path]) -> dict[str, tuple[int, float]]:
    """Return the last epoch that each training logged, and its loss; nothing where the log cannot be read now."""
    found = {}
    for name, folder in folders.items():
        try:
            epochs, losses = logged(folder / METRICS_FILE, "train_loss")
        except (OSError, ValueError, KeyError):  # there is none yet, or half a line of it
            continue
        if epochs:
            found[name] = (epochs[-1], losses[-1])
    return found
