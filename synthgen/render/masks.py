"""Mask bookkeeping: who owns each pixel, and what of each object is hidden or cut off.

M is an object's amodal mask on the unbounded canvas, F the frame, V its visible mask:
V = (M ∩ F) minus every mask above it. The ratios are those of the design:
occlusion = 1 − |V|/|M∩F|, truncation = 1 − |M∩F|/|M|, visibility = |V|/|M|.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from synthgen.core.geometry import encode_rle, tight_box, window
from synthgen.core.types import Instance, InstanceMask, Size
from synthgen.render.warp import Layer
from synthgen.scene.scene import Placement

__all__ = ["instance_mask", "measure"]


def instance_mask(layers: Sequence[Layer], numbers: Sequence[int], size: Size) -> InstanceMask:
    """Paint masks bottom to top; a number of 0 is an occluder, which hides without being labelled."""
    mask: InstanceMask = np.zeros(size, dtype=np.uint8)
    for layer, number in zip(layers, numbers, strict=True):
        frame, local = window(layer.box, size)
        mask[frame][layer.mask[local]] = number
    return mask


def measure(layer: Layer, placement: Placement, number: int, mask: InstanceMask) -> Instance:
    """Describe instance `number` of `mask`, whose amodal mask is the layer's (not empty)."""
    frame, local = window(layer.box, (mask.shape[0], mask.shape[1]))
    x0, y0, x1, y1 = tight_box(layer.mask)
    amodal = layer.mask[y0:y1, x0:x1]
    amodal_area = int(np.count_nonzero(amodal))
    in_frame = int(np.count_nonzero(layer.mask[local]))
    visible = mask[frame] == number
    area = int(np.count_nonzero(visible))
    left, top = frame[1].start, frame[0].start
    vx0, vy0, vx1, vy1 = tight_box(visible)
    return Instance(
        number=number,
        category=placement.category,
        foreground_id=placement.foreground_id,
        bbox=(left + vx0, top + vy0, left + vx1, top + vy1) if area else (0, 0, 0, 0),
        area=area,
        amodal_bbox=(layer.box[0] + x0, layer.box[1] + y0, layer.box[0] + x1, layer.box[1] + y1),
        amodal_area=amodal_area,
        amodal_rle=encode_rle(amodal),
        visibility=area / amodal_area,
        occlusion=1 - area / in_frame if in_frame else 0.0,
        truncation=1 - in_frame / amodal_area,
    )
