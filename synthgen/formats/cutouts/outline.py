"""Outlines as points: a polygon, or several that are parts of one object, becomes pixels."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from jaxtyping import Bool

from synthgen.core.types import Size
from synthgen.formats.segmentation import decode_segmentation

__all__ = ["outlined"]

Points = Sequence[tuple[float, float]]


def outlined(polygons: Sequence[Points], size: Size) -> Bool[np.ndarray, "_h _w"]:
    """Return the pixels within polygons of (x, y) in pixels; what reaches beyond the picture is cut at its border.

    Raises:
        ValueError: A polygon has fewer than three corners, or one that is no number.
    """
    flat = [[value for point in points for value in point] for points in polygons]
    for values in flat:
        if len(values) < 6 or not all(math.isfinite(value) for value in values):
            raise ValueError("an outline has at least three corners, all of them numbers; draw it again")
    return decode_segmentation(flat, size)
