"""Which of many overlapping boxes are told: the surest of each group, as torchvision's detectors choose them."""

from __future__ import annotations

import numpy as np
from jaxtyping import Bool, Float32, Int
from pydantic import Field

from synthgen.core.config import Model

__all__ = ["Selection", "select"]


class Selection(Model):
    """What counts.

    Attributes:
        least_score: That a box must exceed.
        least_side: That height and width must reach, pixels.
        candidates: Of each group, so many of the surest are looked at; None for all.
        overlap: IoU with a surer box of its group, above which a box is another view of the same.
        most: So many boxes of a picture at most.
    """

    least_score: float = 0.0
    least_side: float = Field(default=0.0, ge=0)
    candidates: int | None = Field(default=None, ge=1)
    overlap: float = Field(ge=0, le=1)
    most: int = Field(ge=1)


def select(
    boxes: Float32[np.ndarray, "n 4"],
    scores: Float32[np.ndarray, " n"],
    groups: Int[np.ndarray, " n"],
    selection: Selection,
) -> Int[np.ndarray, " m"]:
    """Return the places of the boxes that are told, surest first.

    It is torchvision's `batched_nms` between its thresholds. That moves the groups apart in 32 bits and so rounds
    the corners, and here they are not moved: a box whose IoU is the limit to 1e-6 may be told by one and not by
    the other.

    Args:
        boxes: x0, y0, x1, y1.
        scores: Of each box.
        groups: Boxes of two groups do not suppress each other: classes, or levels of a pyramid.
        selection: What counts.
    """
    kept = [_of_group(boxes, scores, np.flatnonzero(groups == group), selection) for group in np.unique(groups)]
    places = np.concatenate([np.zeros(0, np.intp), *kept])
    told: np.ndarray = places[np.argsort(-scores[places], kind="stable")][: selection.most]
    return told


def _of_group(
    boxes: Float32[np.ndarray, "n 4"],
    scores: Float32[np.ndarray, " n"],
    places: Int[np.ndarray, " k"],
    selection: Selection,
) -> Int[np.ndarray, " m"]:
    """Return which of the places are told, surest first."""
    sure = places[scores[places] > selection.least_score]
    sure = sure[np.argsort(-scores[sure], kind="stable")][: selection.candidates]
    sure = sure[((boxes[sure, 2:] - boxes[sure, :2]) >= selection.least_side).all(axis=1)]
    alike = _alike(boxes[sure], selection.overlap)
    told = np.ones(len(sure), bool)
    for number, others in enumerate(alike):
        if told[number]:
            told[number + 1 :] &= ~others[number + 1 :]
    kept: np.ndarray = sure[told]
    return kept


def _alike(boxes: Float32[np.ndarray, "n 4"], overlap: float) -> Bool[np.ndarray, "n n"]:
    """Tell of which boxes the IoU exceeds `overlap`; boxes without an area are like none."""
    x0, y0, x1, y1 = boxes.T
    across = np.minimum(x1[:, None], x1) - np.maximum(x0[:, None], x0)
    down = np.minimum(y1[:, None], y1) - np.maximum(y0[:, None], y0)
    both = np.clip(across, 0, None) * np.clip(down, 0, None)
    areas = (x1 - x0) * (y1 - y0)
    alike: np.ndarray = both > overlap * (areas[:, None] + areas - both)
    return alike
