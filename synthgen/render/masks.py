"""Mask bookkeeping: who owns each pixel, and what of each object is hidden or cut off.

M is an object's amodal mask on the unbounded canvas, F the frame, V its visible mask:
V = (M ∩ F) minus every mask above it. The ratios are those of the design:
occlusion = 1 − |V|/|M∩F|, truncation = 1 − |M∩F|/|M|, visibility = |V|/|M|.
"""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np

from synthgen.core.geometry import encode_rle, tight_box, window
from synthgen.core.types import Instance, InstanceMask, Size
from synthgen.render.warp import Silhouette

__all__ = ["instance_mask", "measure", "number_targets", "owners"]


def owners(silhouettes: Sequence[Silhouette], size: Size) -> InstanceMask:
    """Paint silhouettes bottom to top: pixel = position + 1 of the topmost one, 0 for none (at most 255)."""
    mask: InstanceMask = np.zeros(size, dtype=np.uint8)
    for position, silhouette in enumerate(silhouettes, 1):
        frame, local = window(silhouette.box, size)
        mask[frame][silhouette.mask[local]] = position
    return mask


def number_targets(
    silhouettes: Sequence[Silhouette], targets: Sequence[bool], topmost: InstanceMask, min_visibility: float
) -> tuple[list[int], int]:
    """Number the targets that are to be labelled from 1, bottom to top; all else gets 0.

    Returns the numbers and how many targets are hidden too much, i.e. |V| < min_visibility · |M|.
    A target so small that it owns no pixel of the canvas is neither.
    """
    numbers, last, hidden = [], 0, 0
    for position, (silhouette, target) in enumerate(zip(silhouettes, targets, strict=True), 1):
        full = int(np.count_nonzero(silhouette.mask)) if target else 0
        frame, _ = window(silhouette.box, (topmost.shape[0], topmost.shape[1]))
        labelled = full > 0 and int(np.count_nonzero(topmost[frame] == position)) >= min_visibility * full
        hidden += full > 0 and not labelled
        last += labelled
        numbers.append(last if labelled else 0)
    return numbers, hidden


def instance_mask(topmost: InstanceMask, numbers: Sequence[int]) -> InstanceMask:
    """Turn owners into instance numbers; what is not labelled becomes 0."""
    if numbers == list(range(1, len(numbers) + 1)):
        return topmost
    table = np.zeros(256, dtype=np.uint8)
    table[1 : len(numbers) + 1] = numbers
    return cv2.LUT(topmost, table)


def measure(silhouette: Silhouette, category: str, foreground_id: str, number: int, mask: InstanceMask) -> Instance:
    """Describe instance `number` of `mask`, whose amodal mask is the silhouette's (not empty)."""
    frame, local = window(silhouette.box, (mask.shape[0], mask.shape[1]))
    x0, y0, x1, y1 = tight_box(silhouette.mask)
    amodal = silhouette.mask[y0:y1, x0:x1]
    amodal_area = int(np.count_nonzero(amodal))
    in_frame = int(np.count_nonzero(silhouette.mask[local]))
    visible = mask[frame] == number
    area = int(np.count_nonzero(visible))
    left, top = frame[1].start, frame[0].start
    vx0, vy0, vx1, vy1 = tight_box(visible)
    return Instance(
        number=number,
        category=category,
        foreground_id=foreground_id,
        bbox=(left + vx0, top + vy0, left + vx1, top + vy1) if area else (0, 0, 0, 0),
        area=area,
        amodal_bbox=(
            silhouette.box[0] + x0,
            silhouette.box[1] + y0,
            silhouette.box[0] + x1,
            silhouette.box[1] + y1,
        ),
        amodal_area=amodal_area,
        amodal_rle=encode_rle(amodal),
        visibility=area / amodal_area,
        occlusion=1 - area / in_frame if in_frame else 0.0,
        truncation=1 - in_frame / amodal_area,
    )
