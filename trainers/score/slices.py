"""Scores of pictures that have something in common, and those that lie clearly below the score of all."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from synthgen.core.picture import Samples
from trainers.score.result import Row
from trainers.score.scorer import Scorer
from trainers.score.traits import TRAITS, Trait, traits_of

__all__ = ["LEAST", "Slice", "slices_of", "with_traits", "worst_of"]

LEAST = 10  # pictures that bear on the score; with fewer, a slice is shown but never named as one of the worst
NAMED = 3


@dataclass(frozen=True, slots=True)
class Slice:
    """The pictures whose trait has one value, or lies in one range.

    Attributes:
        trait: Its name, as in `trainers.score.traits.TRAITS`.
        label: The value, or the range in words.
        low: Lower end, included; None where there is none.
        high: Upper end, excluded; likewise.
        pictures: How many there are.
        decisive: How many of them bear on the headline, such as those with a target.
        score: The headline; NaN where no picture bears on it.
        interval: Its 95 % interval; None where there is none.
        scores: All scores of the scorer, by name.
    """

    trait: str
    label: str
    low: float | None
    high: float | None
    pictures: int
    decisive: int
    score: float
    interval: tuple[float, float] | None
    scores: Mapping[str, float]


def with_traits(rows: Iterable[Row], samples: Samples) -> Iterator[Row]:
    """Yield rows of all samples, in order, with the traits of their pictures beside those that they have.

    Raises:
        DatasetError: A picture cannot be read.
    """
    return (replace(row, traits={**row.traits, **traits_of(samples, number)}) for number, row in enumerate(rows))


def slices_of(rows: Sequence[Row], scorer: Scorer, traits: Collection[str] | None = None) -> tuple[Slice, ...]:
    """Return the slices of the traits that the rows have, in the order of `TRAITS`; empty ones are left out.

    Slices of one trait share no picture, those of `category` and `novelty` apart. A row whose trait is not known is in
    none of them.

    Args:
        rows: With their traits.
        scorer: Whose scores and intervals are those of the slices.
        traits: Names of those that are sliced by; None: all.
    """
    chosen = [trait for trait in TRAITS if traits is None or trait.name in traits]
    return tuple(_slice(*part, scorer) for trait in chosen for part in _parts(rows, trait) if part[-1])


def worst_of(slices: Sequence[Slice], overall: float) -> tuple[Slice, ...]:
    """Return at most three slices whose interval ends below the score of all pictures, the worst first.

    Each bears on the score with `LEAST` pictures or more, and is the worst of its trait.
    """
    below = [
        part for part in slices if part.decisive >= LEAST and part.interval is not None and part.interval[1] < overall
    ]
    worst: dict[str, Slice] = {}
    for part in sorted(below, key=lambda part: part.score):
        worst.setdefault(part.trait, part)
    return tuple(worst.values())[:NAMED]


Part = tuple[str, str, float | None, float | None, list[Row]]  # trait, label, ends, rows


def _slice(trait: str, label: str, low: float | None, high: float | None, rows: Sequence[Row], scorer: Scorer) -> Slice:
    decisive, scores = sum(map(scorer.decides, rows)), scorer.scores(rows)
    score = scores[scorer.headline] if decisive else math.nan
    interval = scorer.intervals(rows).get(scorer.headline) if decisive else None
    return Slice(trait, label, low, high, len(rows), decisive, score, interval, scores)


def _parts(rows: Sequence[Row], trait: Trait) -> Iterator[Part]:
    """Yield the rows of each range of a trait, or of each of its values in alphabetical order."""
    known = [(row, row.traits[trait.name]) for row in rows if trait.name in row.traits]
    if trait.edges:
        for low, high in pairwise((None, *trait.edges, None)):
            within = [row for row, value in known if _within(value, low, high)]
            yield trait.name, _label(low, high, trait), low, high, within
        return
    names = [(row, value if isinstance(value, tuple) else (str(value),)) for row, value in known]
    for name in sorted({name for _, values in names for name in values}):
        yield trait.name, name, None, None, [row for row, values in names if name in values]


def _within(value: object, low: float | None, high: float | None) -> bool:
    assert isinstance(value, int | float), "a trait with edges is a number"
    return (low is None or low <= value) and (high is None or value < high)


def _label(low: float | None, high: float | None, trait: Trait) -> str:
    if low is None:
        return "0" if trait.whole and high == 1 else f"below {high:g}"
    if high is None:
        return f"{low:g} and above"
    if trait.whole:
        return f"{low:g}" if high == low + 1 else f"{low:g}–{high - 1:g}"
    return f"{low:g}–{high:g}"
