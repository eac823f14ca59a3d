"""The grid on all pictures, and the sentence, the morphology and the threshold that are best on some of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from jaxtyping import Float64

from synthgen.core.progress import Report
from synthgen.parallel import EngineConfig, Outcome, run_jobs
from trainers.config.localizer import PostProcessing
from trainers.localize.judging.bench import Bench
from trainers.localize.judging.grid import BOX_AXES, MASK_AXES, Axes
from trainers.localize.judging.maps import Maps
from trainers.localize.judging.measured import MapJob, OfMap, map_job

__all__ = ["Choice", "Means", "Tried", "axes_of", "best_of", "tried_on"]

Means = Float64[np.ndarray, "measures settings thresholds"]
Result = TypeVar("Result")


@dataclass(frozen=True, slots=True, eq=False)
class Tried:
    """What the whole grid is worth to a localizer that was asked with one sentence: means over pictures.

    Attributes:
        template: The sentence.
        choosing: Over the pictures that choose, for each fold.
        scored: Over all that are scored.
        of_maps: What was measured on the map of each picture that is scored, by the picture's number.
    """

    template: str
    choosing: tuple[Means, ...]
    scored: Means
    of_maps: Mapping[int, OfMap]

    def chosen_over(self, counts: Sequence[int]) -> Means:
        """Return the means over all pictures that choose, of which each fold has so many."""
        total: np.ndarray = np.tensordot(np.array(counts) / sum(counts), np.stack(self.choosing), axes=1)
        return total


@dataclass(frozen=True, slots=True)
class Choice:
    """What was chosen, and its mean IoU on the pictures that it was chosen on; NaN where it was chosen elsewhere."""

    template: str
    post: PostProcessing
    value: float


def axes_of(bench: Bench) -> Axes:
    """Return what is tried on maps of its pictures."""
    return MASK_AXES if bench.kind == "masks" else BOX_AXES


def tried_on(bench: Bench, asked: Sequence[Maps], engine: EngineConfig, report: Report) -> Iterator[Tried]:
    """Run the whole grid on every map; yield what it is worth for each localizer and sentence, in their order.

    Raises:
        DatasetError: A picture cannot be read any more.
        EngineError: A worker died.
    """
    scored = frozenset(bench.scored)
    jobs = (
        MapJob(row * len(bench) + number, row, number, maps.positive, number in scored)
        for row, maps in enumerate(asked)
        for number in range(len(bench))
    )
    shared = {"bench": bench, "maps": tuple(maps.relevance for maps in asked)}
    outcomes = run_jobs(engine, map_job, jobs, shared=shared, count=len(asked) * len(bench), one_here=True)
    tables = _in_order(outcomes, report)
    for maps in asked:
        yield _mean_over(bench, maps.template, tables)


def best_of(axes: Axes, means: Mapping[str, Means]) -> Choice:
    """Return the best sentence, setting and threshold by the first measure; of equal ones the first.

    Args:
        axes: What was tried.
        means: By sentence.
    """
    tables = {template: each[0] for template, each in means.items()}
    template = max(tables, key=lambda each: float(tables[each].max()))
    setting, threshold = np.unravel_index(int(tables[template].argmax()), tables[template].shape)
    return Choice(template, axes.at(int(setting), int(threshold)), float(tables[template].max()))


def _in_order(outcomes: Iterable[Outcome[MapJob, Result]], report: Report) -> Iterator[Result]:
    """Yield results in the order of their jobs, so that sums do not depend on who was first."""
    waiting: dict[int, Result] = {}
    following = 0
    for outcome in outcomes:
        waiting[outcome.job.place] = outcome.value()
        report()
        while following in waiting:
            yield waiting.pop(following)
            following += 1


def _mean_over(bench: Bench, template: str, results: Iterator[tuple[np.ndarray, OfMap | None]]) -> Tried:
    """Take the results of all pictures of the bench, one after the other."""
    axes = axes_of(bench)
    shape = len(axes.measures), len(axes.settings), len(axes.thresholds)
    choosing, scored = [np.zeros(shape) for _ in bench.folds], np.zeros(shape)
    chosen_by = [frozenset(fold.choose) for fold in bench.folds]
    of_maps: dict[int, OfMap] = {}
    for number in range(len(bench)):
        table, own = next(results)
        for numbers, total in zip(chosen_by, choosing, strict=True):
            if number in numbers:
                total += table
        if own is not None:
            scored += table
            of_maps[number] = own
    means = tuple(total / len(numbers) for numbers, total in zip(chosen_by, choosing, strict=True))
    return Tried(template, means, scored / len(of_maps), of_maps)
