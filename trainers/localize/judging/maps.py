"""A localizer asked about all pictures, once for each sentence that its prompts stand in."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float32

from synthgen.core.progress import Report
from trainers.localize.asking import asked, fits_of
from trainers.localize.judging.bench import Bench
from trainers.localize.judging.lineup import Candidate
from trainers.localize.judging.wsol import ranked_within
from trainers.localize.opened import open_localizer

__all__ = ["LOC", "Maps", "maps_of"]

BATCH = 16  # pictures that a localizer sees at once
LOC = (1, 5)
"""Of how many guesses one has to be right for Loc@1 and Loc@5."""


@dataclass(frozen=True, slots=True, eq=False)
class Maps:
    """What a localizer says of the pictures of a bench.

    Attributes:
        title: The localizer's own.
        template: The sentence that the prompts stand in.
        positive: Whether what is below 0 counts as nothing.
        relevance: The coarse map of each picture.
        named: Of each picture whether what it shows is among the first guesses, for each of `LOC`; none where the
            localizer does not classify, or where all pictures are asked for the same.
    """

    title: str
    template: str
    positive: bool
    relevance: tuple[Float32[np.ndarray, "_down _across"], ...]
    named: tuple[tuple[bool, ...], ...]


def maps_of(candidate: Candidate, bench: Bench, prompts: Sequence[str], report: Report) -> Iterator[Maps]:
    """Yield what it says, for each of its templates.

    Args:
        candidate: The localizer.
        bench: The pictures.
        prompts: What each picture is asked for; empty for the localizer's own prompts.
        report: Is told of each picture.

    Raises:
        TrainingError: It cannot be opened, or a prompt means nothing to it.
        DatasetError: A picture cannot be read any more.
    """
    wanted: list[tuple[str, ...]] = [(each,) for each in prompts] or [candidate.config.prompts] * len(bench)
    classes = tuple(dict.fromkeys(prompts))
    order = sorted(range(len(bench)), key=lambda number: wanted[number])  # those with the same prompts are one batch
    for template in candidate.templates:
        localizer = open_localizer(candidate.config.model_copy(update={"template": template}))
        found: dict[int, np.ndarray] = {}
        named: dict[int, tuple[bool, ...]] = {}
        for first in range(0, len(order), BATCH):
            numbers = order[first : first + BATCH]
            images = [bench.picture(number).image for number in numbers]
            found |= zip(numbers, asked(localizer, images, [wanted[number] for number in numbers], BATCH), strict=True)
            fits = fits_of(localizer, images, classes) if classes else None
            if fits is not None:
                places = [classes.index(prompts[number]) for number in numbers]
                named |= {n: _named(row, place) for n, row, place in zip(numbers, fits, places, strict=True)}
            report(len(numbers))
        relevance = tuple(found[number] for number in range(len(bench)))
        yield Maps(localizer.title, template, localizer.positive, relevance, tuple(named[n] for n in sorted(named)))


def _named(fits: Float32[np.ndarray, " k"], own: int) -> tuple[bool, ...]:
    return tuple(ranked_within(fits, own, most) for most in LOC)
