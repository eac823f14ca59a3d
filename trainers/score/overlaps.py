"""How what was found in a picture overlaps what is true there: by boxes, and by the pixels of masks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import Bool, Float32, Float64
from pycocotools import mask as coco_mask

from synthgen.core.geometry import decode_rle
from synthgen.core.picture import Boxes, Truth
from synthgen.core.types import AnyCoverage, Coverage, InstanceMask, Size

__all__ = ["Overlaps", "area_of", "box_iou", "box_overlaps", "mask_overlaps", "same_category", "share_within"]


@dataclass(frozen=True, slots=True, eq=False)
class Overlaps:
    """What of n objects found overlaps m true ones.

    Attributes:
        iou: Of each pair, 0–1; 0 where the categories differ (n, m).
        excused: How much of each object found lies in crowds or in the ignored region, 0–1 (n).
        areas: Of the objects found, pixels (n).
        true_areas: Of the true ones, pixels (m).
    """

    iou: Float64[np.ndarray, "n m"]
    excused: Float64[np.ndarray, " n"]
    areas: Float64[np.ndarray, " n"]
    true_areas: Float64[np.ndarray, " m"]


def box_overlaps(found: Boxes, wanted: Boxes, excuse: Coverage) -> Overlaps:
    """Compare boxes.

    Args:
        found: In pixels of the picture.
        wanted: The true ones, without crowds.
        excuse: The pixels of the picture that count for nothing.
    """
    shares = [share_within(excuse, corners) for corners in found.xyxy]
    iou = box_iou(found.xyxy, wanted.xyxy) * same_category(found, wanted)
    return Overlaps(iou, np.array(shares, np.float64), area_of(found.xyxy), area_of(wanted.xyxy))


def mask_overlaps(found: Boxes, wanted: Boxes, truth: Truth, excuse: Coverage) -> Overlaps | None:
    """Compare the pixels of the same objects; None where those of the found or of the true ones are not known."""
    if truth.mask is None or wanted.numbers is None or (found.masks is None and len(found)):
        return None
    size: Size = (truth.mask.shape[0], truth.mask.shape[1])
    shown = [_runs(decode_rle(mask, size)) for mask in found.masks or ()]
    true = [_runs(_pixels(truth.mask, number)) for number in wanted.numbers.tolist()]
    iou = _compared(shown, true, within=False) * same_category(found, wanted)
    excused = _compared(shown, [_runs(excuse)], within=True)[:, 0]
    return Overlaps(iou, excused, _areas(shown), _areas(true))


def box_iou(a: Float32[np.ndarray, "n 4"], b: Float32[np.ndarray, "m 4"]) -> np.ndarray:
    """Return the overlap of each box of `a` with each of `b` over their union, 0–1."""
    first, second = a.astype(np.float64)[:, None], b.astype(np.float64)[None]
    sides = np.minimum(first[..., 2:], second[..., 2:]) - np.maximum(first[..., :2], second[..., :2])
    both: np.ndarray = np.clip(sides, 0, None).prod(axis=-1)
    union = area_of(first) + area_of(second) - both
    overlap: np.ndarray = np.divide(both, union, out=np.zeros_like(both), where=both > 0)
    return overlap


def area_of(xyxy: Float32[np.ndarray, "... 4"] | Float64[np.ndarray, "... 4"]) -> np.ndarray:
    """Return the areas of boxes, pixels."""
    corners = xyxy.astype(np.float64)
    return np.asarray((corners[..., 2:] - corners[..., :2]).prod(axis=-1))


def same_category(found: Boxes, truth: Boxes) -> Bool[np.ndarray, "n m"]:
    """Tell which pairs may belong together; a box without a category may be any."""
    pairs = [[not a or not b or a == b for b in truth.categories] for a in found.categories]
    return np.array(pairs, bool).reshape(len(found), len(truth))


def share_within(region: AnyCoverage, box: Float32[np.ndarray, " 4"]) -> float:
    """Return how much of a box, rounded to pixels, lies in a region, 0–1."""
    height, width = region.shape
    x0, y0, x1, y1 = np.rint(box).astype(int).tolist()
    window = region[max(0, y0) : min(y1, height), max(0, x0) : min(x1, width)]
    area: int = (x1 - x0) * (y1 - y0)
    return float(np.count_nonzero(window)) / max(1, area)


def _pixels(mask: InstanceMask, number: int) -> Coverage:
    own: Coverage = mask == number
    return own


def _runs(mask: AnyCoverage) -> Any:
    """Return run lengths as COCO packs them."""
    return coco_mask.encode(np.asfortranarray(mask.view(np.uint8)))


def _compared(found: Sequence[Any], true: Sequence[Any], *, within: bool) -> np.ndarray:
    """Return IoU, or how much of each found lies within each true one."""
    if not found or not true:
        return np.zeros((len(found), len(true)))
    return np.asarray(coco_mask.iou(found, true, [int(within)] * len(true)), np.float64)


def _areas(masks: Sequence[Any]) -> Float64[np.ndarray, " n"]:
    return np.asarray(coco_mask.area(masks) if masks else [], np.float64)
