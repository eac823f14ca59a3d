"""Segmentations as COCO spells them: polygons, or run lengths down the columns, as numbers or packed as text.

pycocotools trusts what it is given and writes beyond its arrays where that is wrong, so all is checked before.
"""

from __future__ import annotations

from typing import Any, TypeGuard

import numpy as np

from synthgen.core.types import Coverage, Size

__all__ = ["decode_segmentation", "finite"]

MOST_EDGE_PIXELS = 5_000_000  # of all polygons of one annotation
LONGEST_RUN = 6  # characters of 5 bits: 2^30 pixels


def decode_segmentation(segmentation: Any, size: Size) -> Coverage:
    """Return the pixels (h, w) of an annotation's `segmentation`.

    Raises:
        ValueError: It is none of a picture of `size`; the message is the reason.
    """
    if isinstance(segmentation, list):
        return _polygons(segmentation, size)
    if not isinstance(segmentation, dict) or "counts" not in segmentation:
        raise ValueError("expected polygons or run lengths")
    if segmentation.get("size") != list(size):
        raise ValueError(f"run lengths of size {segmentation.get('size')}, the picture is {list(size)}")
    counts = segmentation["counts"]
    return _runs(_unpacked(counts) if isinstance(counts, str) else counts, size)


def finite(values: Any) -> TypeGuard[list[float]]:
    """Tell whether `values` is a list of numbers, none of them infinite."""
    return isinstance(values, list) and all(
        isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 1e9 for value in values
    )


def _polygons(polygons: list[Any], size: Size) -> Coverage:
    from pycocotools import mask as coco_mask

    height, width = size
    edge = 0.0
    for polygon in polygons:
        if not finite(polygon) or len(polygon) < 6 or len(polygon) % 2:
            raise ValueError("a polygon has an even number of at least 6 numbers")
        points = np.array(polygon, float).reshape(-1, 2)
        if (points < -2 * max(size)).any() or (points > 3 * max(size)).any():
            raise ValueError(f"a polygon reaches far beyond the picture of {width}×{height} pixels")
        edge += float(np.abs(np.diff(points, axis=0, append=points[:1])).max(axis=1).sum())
    if edge > MOST_EDGE_PIXELS:
        raise ValueError(f"polygons with {edge:,.0f} pixels of edge; expected at most {MOST_EDGE_PIXELS:,}")
    corners = [[float(value) for value in polygon] for polygon in polygons]
    merged = coco_mask.merge(coco_mask.frPyObjects(corners, height, width))
    return _runs(_unpacked(merged["counts"].decode()), size)


def _runs(counts: Any, size: Size) -> Coverage:
    if not isinstance(counts, list) or not all(type(count) is int and count >= 0 for count in counts):
        raise ValueError("run lengths are whole numbers from 0")
    height, width = size
    if sum(counts) != height * width:
        raise ValueError(f"run lengths cover {sum(counts)} pixels, the picture has {height * width}")
    values = np.arange(len(counts)) % 2 == 1
    return np.ascontiguousarray(np.repeat(values, counts).reshape(width, height).T)


def _unpacked(text: str) -> list[int]:
    """Return the run lengths in COCO's text: 5 bits a character, from the fourth on relative to the last but one."""
    counts: list[int] = []
    value, shift = 0, 0
    for character in text:
        bits = ord(character) - 48
        if not 0 <= bits < 64 or shift >= 5 * LONGEST_RUN + 5:
            raise ValueError("damaged run lengths")
        value |= (bits & 31) << shift
        shift += 5
        if bits & 32:
            continue
        if bits & 16:
            value -= 1 << shift
        counts.append(value + counts[-2] if len(counts) > 2 else value)
        value, shift = 0, 0
    if shift:
        raise ValueError("damaged run lengths")
    return counts
