"""How well one picture was done, 0–1: what says in which pictures an arm beats another."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from jaxtyping import Float64

from trainers.config.kind import Kind
from trainers.score.result import Row

__all__ = ["MERITS", "gains_of", "merit"]

MERITS: dict[Kind, str] = {
    "pixels": "the overlap (IoU) of a picture's pixels",
    "boxes": "the F1 of a picture's boxes",
    "labels": "how sure a picture's true label was",
}
"""What `merit` is, in words."""


def gains_of(
    kind: Kind, arm: Mapping[int, Sequence[Row]], reference: Mapping[int, Sequence[Row]]
) -> Float64[np.ndarray, "seeds pictures"]:
    """Return how much better each picture was done than by the reference, −1–1, with each seed that both have."""
    both = [seed for seed in arm if seed in reference]
    return np.array(
        [
            [merit(kind, ours) - merit(kind, theirs) for ours, theirs in zip(arm[seed], reference[seed], strict=True)]
            for seed in both
        ]
    )


def merit(kind: Kind, row: Row) -> float:
    """Return how well a picture was done, as `MERITS` says.

    A picture without a target in which nothing is found has 1; one whose label is not known has 0.
    """
    figures = row.figures
    if kind == "pixels":
        union = figures["tp"] + figures["fp"] + figures["fn"]
        return figures["tp"] / union if union else 1.0
    if kind == "boxes":
        boxes = figures["found"] + figures["truth"]
        return min(1.0, 2 * figures["hits"] / boxes) if boxes else 1.0
    if not figures:
        return 0.0
    if "probability" not in figures:
        return float(figures["right"])
    return figures["probability"] if figures["label"] > 0 else 1 - figures["probability"]
