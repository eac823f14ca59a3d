"""What one localizer is worth on all pictures together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float64, Num

from trainers.localize.judging.choosing import Choice, Tried
from trainers.localize.judging.lineup import Candidate
from trainers.localize.judging.measured import OfMap
from trainers.localize.judging.wsol import max_box_acc, px_ap
from trainers.score.compare import Drawn

__all__ = ["HEADLINES", "PARTS", "OnPicture", "Verdict", "drawn"]

PARTS = ("parts_before", "parts_after")
"""Figures that are numbers of things."""
HEADLINES = ("iou", "pointing", "px_ap", "gt_known")
"""Scores by which localizers are compared with those that look at nothing, where they are known."""


@dataclass(frozen=True, slots=True, eq=False)
class OnPicture:
    """What was measured on one picture.

    Attributes:
        number: The picture's, in the bench.
        choice: By which a mask was made.
        figures: By name: of the mask, and of the map.
        of_map: What takes all pictures together to become a score.
    """

    number: int
    choice: Choice
    figures: Mapping[str, float]
    of_map: OfMap


@dataclass(frozen=True, slots=True, eq=False)
class Verdict:
    """A localizer judged.

    Attributes:
        candidate: What was judged.
        title: The localizer's own.
        chosen: The choice that stays with it, on all pictures that choose.
        best: The best on the pictures that are scored, as it is when it is chosen and reported on the same ones.
        tried: The whole grid, by sentence.
        rows: Of each picture that is scored, in their order.
    """

    candidate: Candidate
    title: str
    chosen: Choice
    best: Choice
    tried: tuple[Tried, ...]
    rows: tuple[OnPicture, ...]


def drawn(verdict: Verdict, weights: Num[np.ndarray, "draws n"]) -> Drawn:
    """Return the scores on the pictures as they are, and on each resample of them.

    Args:
        verdict: Of the localizer.
        weights: How often each of its rows counts.
    """
    once = _scores(verdict.rows, np.ones((1, len(verdict.rows))))
    return Drawn({name: float(values[0]) for name, values in once.items()}, _scores(verdict.rows, weights))


def _scores(rows: Sequence[OnPicture], weights: Num[np.ndarray, "draws n"]) -> dict[str, Float64[np.ndarray, " draws"]]:
    """Return the scores: means of figures; PxAP of all pixels together; MaxBoxAcc by the best threshold of a draw."""
    counts = weights.astype(np.float64)
    total = counts.sum(axis=1)
    means = {name: counts @ np.array([row.figures[name] for row in rows]) / total for name in rows[0].figures}
    parts = {name: means.pop(name) for name in PARTS if name in means}
    histograms = [row.of_map.histogram for row in rows if row.of_map.histogram is not None]
    if histograms:
        flat = np.stack(histograms).reshape(len(rows), -1).astype(np.float64)
        means["px_ap"] = px_ap((counts @ flat).reshape(len(weights), 2, -1))
    right = np.stack([row.of_map.right for row in rows], axis=1)
    means["max_box_acc"] = max_box_acc(weights, right[0])
    means["max_box_acc_v2"] = np.mean([max_box_acc(weights, each) for each in right[1:]], axis=0)
    return {**means, **parts}
