"""What a rendered scene says is true: rules that samples in memory and rows on disk share."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from synthgen.core.geometry import decode_rle, window
from synthgen.core.types import Coverage, HiddenInstance, InstanceMask

__all__ = ["ignored_region", "label_of"]


def label_of(*, visible: bool, unlabelled: int) -> int | None:
    """Return 1 where a labelled target is visible and 0 where there is no target at all.

    None where the only targets are too hidden to be labelled: the picture shows neither a target nor its absence.
    """
    if visible:
        return 1
    return None if unlabelled else 0


def ignored_region(hidden: Iterable[HiddenInstance], mask: InstanceMask) -> Coverage | None:
    """Return the pixels (h, w) that hidden targets may own: their amodal masks in the frame, without labelled pixels.

    None where there is no such pixel.

    Raises:
        ValueError: The run lengths of a hidden target do not fill its box.
    """
    region = np.zeros(mask.shape, bool)
    for instance in hidden:
        x0, y0, x1, y1 = instance.amodal_bbox
        frame, local = window(instance.amodal_bbox, (mask.shape[0], mask.shape[1]))
        region[frame] |= decode_rle(instance.amodal_rle, (y1 - y0, x1 - x0))[local]
    region &= mask == 0
    return region if region.any() else None
