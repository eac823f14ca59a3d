"""Which true boxes are found, and which found box is which true one."""

from __future__ import annotations

import numpy as np
from jaxtyping import Bool, Float32, Float64

from synthgen.core.picture import Boxes

__all__ = ["box_iou", "hit_by", "matches"]

LEAST_IOU = 0.5


def matches(found: Boxes, truth: Boxes) -> dict[int, int]:
    """Return found box → true box: pairs of IoU ≥ .5 and one category, best first, each box in one pair."""
    overlap = _overlap(found, truth)
    pairs: dict[int, int] = {}
    for place in np.argsort(-overlap, axis=None, kind="stable").tolist():
        i, j = divmod(place, overlap.shape[1])
        if overlap[i, j] < LEAST_IOU:
            break
        if i not in pairs and j not in pairs.values():
            pairs[i] = j
    return pairs


def hit_by(found: Boxes, truth: Boxes) -> Bool[np.ndarray, "n m"]:
    """Tell which found box has IoU ≥ .5 with which true one of its category; true boxes that overlap may share one."""
    near: np.ndarray = _overlap(found, truth) >= LEAST_IOU
    return near


def _overlap(found: Boxes, truth: Boxes) -> Float64[np.ndarray, "n m"]:
    overlap: np.ndarray = box_iou(found.xyxy, truth.xyxy) * _same_category(found, truth)
    return overlap


def box_iou(a: Float32[np.ndarray, "n 4"], b: Float32[np.ndarray, "m 4"]) -> np.ndarray:
    """Return the overlap of each box of `a` with each of `b` over their union, 0–1."""
    first, second = a.astype(np.float64)[:, None], b.astype(np.float64)[None]
    sides = np.minimum(first[..., 2:], second[..., 2:]) - np.maximum(first[..., :2], second[..., :2])
    both: np.ndarray = np.clip(sides, 0, None).prod(axis=-1)
    union = _area(first) + _area(second) - both
    overlap: np.ndarray = np.divide(both, union, out=np.zeros_like(both), where=both > 0)
    return overlap


def _area(boxes: Float64[np.ndarray, "... 4"]) -> np.ndarray:
    return np.asarray((boxes[..., 2:] - boxes[..., :2]).prod(axis=-1))


def _same_category(found: Boxes, truth: Boxes) -> Bool[np.ndarray, "n m"]:
    """Tell which pairs may belong together; a box without a category may be any."""
    pairs = [[not a or not b or a == b for b in truth.categories] for a in found.categories]
    return np.array(pairs, bool).reshape(len(found), len(truth))
