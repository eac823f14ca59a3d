"""Mask bookkeeping: who owns each pixel, and what of each object is hidden or cut off.

M is an object's amodal mask on the unbounded canvas, F the frame, V its visible mask:
V = (M ∩ F) minus every mask above it. The ratios are those of the design:
occlusion = 1 − |V|/|M∩F|, truncation = 1 − |M∩F|/|M|, visibility = |V|/|M|.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from synthgen.compiled.extent import extent_of, paint
from synthgen.core.geometry import encode_rle
from synthgen.core.types import Box, HiddenInstance, Instance, InstanceMask, Size
from synthgen.render.warp import Silhouette
from synthgen.scene.scene import Placement

__all__ = ["Extent", "describe", "describe_hidden", "instance_mask", "number_targets", "owners", "survey"]

NOWHERE: Box = (0, 0, 0, 0)


@dataclass(frozen=True, slots=True)
class Extent:
    """How much of an object there is.

    Attributes:
        full: Pixels of the amodal mask, |M|.
        box: Around them, in the silhouette's window.
        inside: Those in the frame, |M ∩ F|.
        owned: Those that nothing hides, |V|.
        owned_box: Around the latter, in the frame.
    """

    full: int
    box: Box
    inside: int
    owned: int
    owned_box: Box


def owners(silhouettes: Sequence[Silhouette], size: Size) -> InstanceMask:
    """Paint silhouettes bottom to top: pixel = position + 1 of the topmost one, 0 for none (at most 255)."""
    mask: InstanceMask = np.zeros(size, dtype=np.uint8)
    for position, silhouette in enumerate(silhouettes, 1):
        paint(mask, silhouette.mask, silhouette.box[0], silhouette.box[1], position)
    return mask


def survey(silhouette: Silhouette, position: int, topmost: InstanceMask) -> Extent:
    """Measure a silhouette and what it owns as `position` of `topmost`."""
    x, y, _, _ = silhouette.box
    full, x0, y0, x1, y1, inside, owned, *seen = extent_of(silhouette.mask, x, y, topmost, position)
    return Extent(
        full,
        (x0, y0, x1, y1) if full else NOWHERE,
        inside,
        owned,
        tuple(seen) if owned else NOWHERE,  # type: ignore[arg-type]
    )


def number_targets(extents: Sequence[Extent | None], min_visibility: float) -> list[int]:
    """Number the targets that are to be labelled from 1, bottom to top; others get 0, and what is None is no target.

    A target is hidden too much, and not labelled, where |V| < min_visibility · |M|.
    """
    numbers, last = [], 0
    for extent in extents:
        labelled = extent is not None and extent.full > 0 and extent.owned >= min_visibility * extent.full
        last += labelled
        numbers.append(last if labelled else 0)
    return numbers


def instance_mask(topmost: InstanceMask, numbers: Sequence[int]) -> InstanceMask:
    """Turn owners into instance numbers; what is not labelled becomes 0."""
    if numbers == list(range(1, len(numbers) + 1)):
        return topmost
    table = np.zeros(256, dtype=np.uint8)
    table[1 : len(numbers) + 1] = numbers
    return cv2.LUT(topmost, table)


def describe(silhouette: Silhouette, extent: Extent, placement: Placement, number: int) -> Instance:
    """Describe instance `number`, whose amodal mask is the silhouette's (not empty)."""
    return Instance(
        number=number,
        category=placement.category,
        foreground_id=placement.foreground_id,
        bbox=extent.owned_box,
        area=extent.owned,
        amodal_bbox=_on_canvas(silhouette, extent),
        amodal_area=extent.full,
        amodal_rle=_runs(silhouette, extent),
        visibility=extent.owned / extent.full,
        occlusion=1 - extent.owned / extent.inside if extent.inside else 0.0,
        truncation=1 - extent.inside / extent.full,
        track=placement.track,
    )


def describe_hidden(silhouette: Silhouette, extent: Extent, category: str) -> HiddenInstance:
    """Describe a target that is not labelled, whose amodal mask is the silhouette's (not empty)."""
    return HiddenInstance(
        category=category,
        amodal_bbox=_on_canvas(silhouette, extent),
        amodal_rle=_runs(silhouette, extent),
        visibility=extent.owned / extent.full,
    )


def _on_canvas(silhouette: Silhouette, extent: Extent) -> Box:
    left, top = silhouette.box[:2]
    x0, y0, x1, y1 = extent.box
    return (left + x0, top + y0, left + x1, top + y1)


def _runs(silhouette: Silhouette, extent: Extent) -> bytes:
    x0, y0, x1, y1 = extent.box
    return encode_rle(silhouette.mask[y0:y1, x0:x1])
