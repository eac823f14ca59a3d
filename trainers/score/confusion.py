"""What was taken for what at the operating point, with a row and a column for background."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Int

from trainers.score.result import Row

__all__ = ["Confusion", "confusion_of"]

UNNAMED = "object"  # an object that has no category


@dataclass(frozen=True, slots=True, eq=False)
class Confusion:
    """Numbers of true objects by category and by what was found there.

    Attributes:
        names: Of the categories, in alphabetical order.
        counts: Each row is a true category, the last background: what lies in it are false alarms. Each column is a
            category that was found, the last background: what lies in it was missed.
    """

    names: tuple[str, ...]
    counts: Int[np.ndarray, "n_and_1 n_and_1"]

    @property
    def recalls(self) -> dict[str, float]:
        """Of each category the share of its true objects that were found as such; NaN where it has none."""
        return self._shares(self.counts.sum(axis=1))

    @property
    def precisions(self) -> dict[str, float]:
        """Of each category the share of what was found as such that is; NaN where nothing was."""
        return self._shares(self.counts.sum(axis=0))

    def _shares(self, totals: Int[np.ndarray, " n_and_1"]) -> dict[str, float]:
        right = self.counts.diagonal()
        return {
            name: float(right[place] / totals[place]) if totals[place] else float("nan")
            for place, name in enumerate(self.names)
        }


def confusion_of(rows: Sequence[Row]) -> Confusion:
    """Count the pairs of all rows.

    Where objects, true or found, have no category, all are of one: "object".
    """
    pairs = [pair for row in rows for pair in row.pairs]
    told = {name for pair in pairs for name in pair if name is not None}
    unnamed = "" in told
    names = (UNNAMED,) if unnamed else tuple(sorted(told))
    places: dict[str | None, int] = {None: len(names), **{name: place for place, name in enumerate(names)}}
    counts = np.zeros((len(names) + 1, len(names) + 1), np.int64)
    for true, found in pairs:
        counts[places[_named(true, unnamed)], places[_named(found, unnamed)]] += 1
    return Confusion(names, counts)


def _named(name: str | None, unnamed: bool) -> str | None:
    return UNNAMED if unnamed and name is not None else name
