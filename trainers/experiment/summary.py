"""What the runs of an experiment say: scores of each arm, what it has over the reference, what pictures are worth."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from trainers.experiment.arms import Arm
from trainers.experiment.places import Place
from trainers.score.compare import Difference, Drawn, Estimate, Sampled, difference_of, drawn_scores, estimate_of
from trainers.score.evaluate import SCORERS
from trainers.score.result import Row
from trainers.score.worth import Worth, worth_of

__all__ = ["SHOWN", "Equal", "Line", "Summary", "drawn_at", "summary_of"]

SHOWN = {
    "pixels": ("foreground_iou", "image_iou", "precision", "recall", "boundary_f"),
    "boxes": ("box_recall", "box_precision", "ap", "ap50", "recall_at_1_fa", "pointing", "pixels_inside"),
    "labels": ("balanced_accuracy", "recall", "precision", "auc"),
}
"""Scores that stand in tables and charts, the one that decides first; results.parquet has all."""

Runs = Mapping[int, Drawn]
"""The scores of an arm's runs at one place, by seed."""


@dataclass(frozen=True, slots=True)
class Line:
    """An arm at a place.

    Attributes:
        arm: What was trained.
        seeds: Of its runs.
        paired: Those that the reference has, too; none for the reference itself.
        scores: Its mean over its seeds, by score.
        differences: To the reference over the paired ones; empty where there are none.
    """

    arm: Arm
    seeds: tuple[int, ...]
    paired: tuple[int, ...]
    scores: Mapping[str, Estimate]
    differences: Mapping[str, Difference]


@dataclass(frozen=True, slots=True)
class Equal:
    """How many photographs of a series are as good as an arm without any.

    Attributes:
        arm: Which learnt from synthetic pictures alone.
        series: Name of a series that learnt from photographs alone, with several numbers of them.
        counts: These numbers, rising.
        worth: How many are as good as the arm.
    """

    arm: Arm
    series: str
    counts: tuple[int, ...]
    worth: Worth


@dataclass(frozen=True, slots=True)
class Summary:
    """What was found at one place.

    Attributes:
        place: Where it was scored.
        names: Of its pictures, in order.
        reference: The arm that the others are compared with.
        lines: One for each arm that has a run, in the order of the file.
        equals: What synthetic pictures are worth.
    """

    place: Place
    names: tuple[str, ...]
    reference: Arm
    lines: tuple[Line, ...]
    equals: tuple[Equal, ...]

    @property
    def headline(self) -> str:
        """The score that decides."""
        return SCORERS[self.place.kind].headline

    @property
    def shown(self) -> tuple[str, ...]:
        """The scores that stand in tables and charts: those of `SHOWN` that an arm has."""
        return tuple(name for name in SHOWN[self.place.kind] if any(_has(line, name) for line in self.lines))

    @property
    def groups(self) -> int:
        """How many groups of pictures there are."""
        return len({self.place.pictures.group_of(name) for name in self.names})


def summary_of(
    place: Place,
    names: Sequence[str],
    arms: Sequence[Arm],
    reference: Arm,
    runs: Mapping[str, Runs],
    totals: Mapping[str, int],
) -> Summary:
    """Compare the arms at one place.

    Args:
        place: Where they were scored.
        names: Of its pictures, in order.
        arms: In the order of the file.
        reference: One of them.
        runs: Scores of each arm's runs, by its name; an arm without any is left out.
        totals: How many "photographs" and "pictures" there are where an arm has all.
    """
    present = [arm for arm in arms if runs.get(arm.name)]
    lines = tuple(_line(arm, runs[arm.name], runs.get(reference.name, {}), arm == reference) for arm in present)
    equals = tuple(_equals(present, runs, SCORERS[place.kind].headline, totals))
    return Summary(place, tuple(names), reference, lines, equals)


def drawn_at(place: Place, rows: Sequence[Row]) -> Drawn:
    """Return the scores of a run at a place, as they are and on each resample of the groups of its pictures."""
    return drawn_scores(rows, [place.pictures.group_of(row.name) for row in rows], SCORERS[place.kind])


def _has(line: Line, score: str) -> bool:
    return score in line.scores and not math.isnan(line.scores[score].value)


def _line(arm: Arm, own: Runs, theirs: Runs, is_reference: bool) -> Line:
    seeds = tuple(sorted(own))
    scores = {name: estimate_of(Sampled.of([own[seed] for seed in seeds], name)) for name in own[seeds[0]].values}
    paired = () if is_reference else tuple(seed for seed in seeds if seed in theirs)
    if not paired:
        return Line(arm, seeds, (), scores, {})
    pairs = [own[seed] for seed in paired], [theirs[seed] for seed in paired]
    differences = {name: difference_of(*(Sampled.of(runs, name) for runs in pairs)) for name in scores}
    return Line(arm, seeds, paired, scores, differences)


def _equals(arms: Sequence[Arm], runs: Mapping[str, Runs], score: str, totals: Mapping[str, int]) -> Iterator[Equal]:
    """Yield what each arm without photographs is worth, in each series of photographs alone."""
    for series in dict.fromkeys(arm.series for arm in arms if arm.real and arm.varied == "photographs"):
        curve = {arm.count or totals["photographs"]: arm for arm in arms if arm.series == series}
        counts = tuple(sorted(curve))
        for arm in arms:
            seeds = _common([runs[other.name] for other in (arm, *curve.values())])
            if not arm.synthetic or len(counts) < 2 or not seeds:
                continue
            points = [Sampled.of([runs[curve[count].name][seed] for seed in seeds], score) for count in counts]
            own = Sampled.of([runs[arm.name][seed] for seed in seeds], score)
            yield Equal(arm, series, counts, worth_of(np.array(counts), points, own))


def _common(runs: Sequence[Runs]) -> list[int]:
    """Return the seeds that all of them have."""
    return sorted(set.intersection(*(set(own) for own in runs)))
