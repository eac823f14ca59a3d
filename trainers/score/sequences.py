"""Detection error by sequence: the share of the frames with a target in which none was found.

A frame is found where a box found at the operating point has an IoU of .5 or more with one true box of its category: in
a frame with several targets one is enough, as it is for an alarm; `box_recall` counts them one by one. False alarms do
not count. Frames without a target are left out.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Num

from trainers.score.result import Row

__all__ = ["LEAST_FRAMES", "SequenceError", "sequence_error", "sequence_errors"]

LEAST_FRAMES = 16  # of a group of pictures, from which on it is a sequence: fewer may be one scene under several blends


@dataclass(frozen=True, slots=True)
class SequenceError:
    """What was found in one sequence.

    Attributes:
        group: The group of its frames.
        frames: How many show a target.
        found: In how many of these one was found.
    """

    group: str
    frames: int
    found: int

    @property
    def error(self) -> float:
        """1 − found / frames."""
        return 1 - self.found / self.frames


def sequence_errors(rows: Sequence[Row]) -> tuple[SequenceError, ...]:
    """Return the error of each sequence that shows a target, in the order of the rows.

    Rows of one group are the frames of a sequence if there are `LEAST_FRAMES` or more of them.
    """
    found = []
    for group, members in _sequences(rows).items():
        shown = [row for row in (rows[place] for place in members) if row.figures["truth"] > 0]
        if shown:
            found.append(SequenceError(group, len(shown), sum(row.figures["hits"] > 0 for row in shown)))
    return tuple(found)


def sequence_error(rows: Sequence[Row]) -> Callable[[Num[np.ndarray, " rows"]], float]:
    """Return the error over the frames of all sequences as a function of how often each row counts.

    NaN where there is no sequence, or none that counts shows a target.
    """
    members = [place for places in _sequences(rows).values() for place in places if rows[place].figures["truth"] > 0]
    found = np.array([rows[place].figures["hits"] > 0 for place in members], np.float64)

    def error(weights: Num[np.ndarray, " rows"]) -> float:
        often = weights[members]
        total = float(often.sum())
        return 1 - float(often @ found) / total if total else float("nan")

    return error


def _sequences(rows: Sequence[Row]) -> dict[str, list[int]]:
    """Return the places of each sequence's rows."""
    groups: dict[str, list[int]] = {}
    for place, row in enumerate(rows):
        groups.setdefault(row.group, []).append(place)
    return {group: places for group, places in groups.items() if group and len(places) >= LEAST_FRAMES}
