"""Progress of a long command: a bar on a terminal; elsewhere a plain line, a few times a minute.

with progress(console, "generate", total=1000, unit="rows") as report:
    for part in parts:
        report(len(part))
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Protocol, runtime_checkable

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TaskID, TextColumn, TimeElapsedColumn, TimeRemainingColumn
from rich.progress import Progress as Bar

__all__ = ["Report", "progress"]

FIRST, EVERY = 3.0, 15.0  # seconds until the first plain line, and between any two


@runtime_checkable
class Report(Protocol):
    """Says that more is done."""

    def __call__(self, count: int = 1, note: str = "") -> None:
        """Add `count` to what is done; `note` says more, such as "loss 0.31"."""


@contextmanager
def progress(
    console: Console,
    noun: str,
    *,
    total: int,
    unit: str,
    done: int = 0,
    clock: Callable[[], float] = time.monotonic,
) -> Iterator[Report]:
    """Yield a function that is told what is done, and show it on `console`; the last plain line comes at the end.

    `done` of `total` lie there already; `unit` names what is counted, such as "rows".
    """
    if console.is_terminal:
        with _bar(console) as bar:
            yield _OnTerminal(bar, bar.add_task(noun, total=total, completed=done, rate=""), unit, done, clock())
        return
    lines = _Lines(console, noun, total, unit, done, clock)
    yield lines
    lines.end()


@dataclass
class _OnTerminal:
    bar: Bar
    task: TaskID
    unit: str
    before: int
    start: float

    def __call__(self, count: int = 1, note: str = "") -> None:
        self.bar.advance(self.task, count)
        task = self.bar.tasks[0]
        rate = (task.completed - self.before) / max(task.elapsed or 0.0, 1e-9)
        self.bar.update(self.task, rate=f"{rate:,.0f} {self.unit}/s {note}".rstrip())


@dataclass
class _Lines:
    console: Console
    noun: str
    total: int
    unit: str
    done: int
    clock: Callable[[], float]
    note: str = ""
    before: int = field(init=False)
    printed: int = field(init=False)
    start: float = field(init=False)
    due: float = field(init=False)

    def __post_init__(self) -> None:
        self.before, self.printed, self.start = self.done, -1, self.clock()
        self.due = self.start + FIRST

    def __call__(self, count: int = 1, note: str = "") -> None:
        self.done, self.note = self.done + count, note
        if self.clock() >= self.due:
            self.print()

    def end(self) -> None:
        if self.printed != self.done:  # else that line is the last
            self.print()

    def print(self) -> None:
        now = self.clock()
        self.due, self.printed = now + EVERY, self.done
        rate = (self.done - self.before) / max(now - self.start, 1e-9)
        parts = [f"{self.noun}: {self.done}/{self.total} {self.unit}", f"{rate:,.1f} {self.unit}/s"]
        parts += [f"{now - self.start:,.0f} s", *([self.note] if self.note else [])]
        self.console.print(", ".join(parts), highlight=False, markup=False, soft_wrap=True)


def _bar(console: Console) -> Bar:
    return Bar(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[rate]}"),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
        console=console,
    )
