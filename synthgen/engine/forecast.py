"""What a config will give and cost, told from a few samples. Pure: a trial in, numbers and lines out."""

from __future__ import annotations

import heapq
import math
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from synthgen.core.text import size_text, time_text
from synthgen.core.types import SPLITS
from synthgen.engine.settings import GenerationConfig
from synthgen.engine.trial import Trial
from synthgen.shards.writer import GROUP_ROWS

__all__ = ["Forecast", "Spread", "forecast"]

MOST_JOBS = 100_000  # dealt to workers one by one; more of them fill all workers evenly
CHECKED = 4  # samples of each split that `generate` renders before it begins
CATEGORIES = 6  # in one line


@dataclass(frozen=True, slots=True)
class Spread:
    """A number expected in the dataset, and twice its standard error."""

    expected: float
    error: float

    @classmethod
    def of(cls, values: Sequence[float], rows: int) -> Spread:
        """Extrapolate values of a few rows to the sum over `rows`; nothing is unsure where these are all."""
        count = len(values)
        mean = sum(values) / count
        variance = sum((value - mean) ** 2 for value in values) / max(count - 1, 1)
        left = max(1 - count / rows, 0)
        return cls(rows * mean, 2 * rows * math.sqrt(variance / count * left))

    def __str__(self) -> str:
        """Say both, rounded to what the error lets be known."""
        if self.error < 1:
            return f"{self.expected:,.0f}"
        step = 10 ** max(math.floor(math.log10(self.error)) - 1, 0)
        return f"{round(self.expected / step) * step:,} ± {math.ceil(self.error / step) * step:,}"


@dataclass(frozen=True, slots=True)
class Forecast:
    """What will be in a dataset and what it costs.

    Attributes:
        rows: In words, by split.
        shards: Number of files.
        targets: Labelled targets in all rows.
        seen: Categories of the targets in the tried samples, the most frequent first, with their number.
        negatives: Rows without a visible target.
        seconds: From the start to the end.
        workers: Processes that share the work.
        size: Bytes of the shards.
        tried: Samples that this was told from.
    """

    rows: str
    shards: int
    targets: Spread
    seen: tuple[tuple[str, int], ...]
    negatives: Spread
    seconds: float
    workers: int
    size: float
    tried: int

    def lines(self) -> Iterator[str]:
        """Yield a line for each: rows, targets, time, disk."""
        yield f"rows     {self.rows}, in {self.shards:,} file{'' if self.shards == 1 else 's'}"
        shown = ", ".join(f"{count} {name}" for name, count in self.seen[:CATEGORIES]) or "no target"
        more = f" and {len(self.seen) - CATEGORIES} more" if len(self.seen) > CATEGORIES else ""
        yield f"targets  about {self.targets}; rows without one: about {self.negatives}; drawn so far: {shown}{more}"
        processes = f"{self.workers} process{'' if self.workers == 1 else 'es'}"
        yield f"time     about {time_text(self.seconds)} by {processes} on this machine, as busy as it is now"
        yield f"disk     about {size_text(self.size)}"


def forecast(trial: Trial, config: GenerationConfig, cores: int) -> Forecast:
    """Extrapolate a trial to all samples of a config, on a machine with so many cores.

    Workers of a cluster are not known, so there the time is that of one process.
    """
    counts = {split: config.samples.of(split) for split in SPLITS if config.samples.of(split)}
    rows, most = sum(counts.values()), config.output.shard_rows
    workers = 1 if config.engine.kind == "scheduler" else min(config.engine.workers, cores)
    shards = sum(-(-count // most) for count in counts.values())
    groups = sum(count // most * -(-most // GROUP_ROWS) + -(-(count % most) // GROUP_ROWS) for count in counts.values())
    starts = trial.start * (shards / workers if config.engine.kind == "processes" else 1)
    if config.engine.has_one_worker(shards):
        starts = 0  # this process renders
    checked = trial.each * sum(min(CHECKED, count) for count in counts.values())
    longest = trial.each * _longest(list(counts.values()), most, workers)
    shown = Counter(instance.category for sample in trial.samples for instance in sample.instances)
    return Forecast(
        rows=", ".join(f"{count:,} {split}" for split, count in counts.items()),
        shards=shards,
        targets=Spread.of([len(sample.instances) for sample in trial.samples], rows),
        seen=tuple(shown.most_common()),
        negatives=Spread.of([1 - sample.label for sample in trial.samples], rows),
        seconds=trial.intake + trial.decoding + starts + checked + longest,
        workers=workers,
        size=rows * trial.row_bytes + groups * trial.group_bytes,
        tried=len(trial.samples),
    )


def _longest(counts: Sequence[int], most: int, workers: int) -> float:
    """Return the rows of the worker that has most, if each takes the next shard when it is free."""
    if sum(counts) / most > MOST_JOBS:
        return sum(counts) / workers
    loads = [0] * workers
    for count in counts:
        for first in range(0, count, most):
            heapq.heapreplace(loads, loads[0] + min(most, count - first))
    return max(loads)
