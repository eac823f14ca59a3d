"""Boxes, run-length coding and affine maps, each convention in one place."""

from __future__ import annotations

import math

import cv2
import numpy as np
from jaxtyping import Float64

from synthgen.compiled.runs import run_lengths
from synthgen.core.types import Box, Coverage, Size

__all__ = ["bounds", "decode_rle", "encode_rle", "large_parts", "rotation_scale_flip", "tight_box", "window"]

LARGE = 0.1  # of the largest part: what is smaller is a speck


def tight_box(mask: Coverage) -> Box:
    """Return the half-open box (x0, y0, x1, y1) around the true pixels; zeros if there are none."""
    x, y, width, height = cv2.boundingRect(mask.view(np.uint8)) if mask.size else (0, 0, 0, 0)
    return (x, y, x + width, y + height)


def large_parts(mask: Coverage) -> list[Coverage]:
    """Return the connected parts of a mask that are not small beside its largest, which comes first.

    Pixels that touch at corners are connected.
    """
    count, labels, statistics, _ = cv2.connectedComponentsWithStats(mask.view(np.uint8), connectivity=8)
    areas = statistics[1:, cv2.CC_STAT_AREA]
    order = np.argsort(-areas, kind="stable")
    return [labels == 1 + part for part in order if areas[part] >= LARGE * areas.max()] if count > 1 else []


def encode_rle(mask: Coverage) -> bytes:
    """Encode a mask as little-endian uint32 run lengths, row by row, zeros first."""
    return run_lengths(mask).astype("<u4", copy=False).tobytes()


def decode_rle(rle: bytes, size: Size) -> Coverage:
    """Decode what `encode_rle` wrote into a mask of `size`.

    Raises:
        ValueError: The runs do not add up to the number of pixels in `size`.
    """
    runs = np.frombuffer(rle, dtype="<u4")
    if int(runs.sum()) != size[0] * size[1]:
        raise ValueError(f"run lengths cover {int(runs.sum())} pixels, the box {size} holds {size[0] * size[1]}")
    values = np.arange(runs.size) % 2 == 1
    return np.repeat(values, runs).reshape(size)


def rotation_scale_flip(degrees: float, scale: float, flip: bool) -> Float64[np.ndarray, "2 2"]:
    """Return the linear map: mirror left-right, then scale, then turn counter-clockwise.

    The y axis points down, so a counter-clockwise turn on the screen has −sin below the diagonal.
    """
    radians = math.radians(degrees)
    cos, sin, across = math.cos(radians), math.sin(radians), -scale if flip else scale
    return np.array([[cos * across, sin * scale], [-sin * across, cos * scale]])


def bounds(points: Float64[np.ndarray, "n 2"]) -> tuple[float, float, float, float]:
    """Return (x0, y0, x1, y1) of points (x, y); for the few points of a hull, lists are faster than arrays."""
    x, y = points.T.tolist()
    return (min(x), min(y), max(x), max(y))


def window(box: Box, size: Size) -> tuple[tuple[slice, slice], tuple[slice, slice]]:
    """Return (slices into the frame, slices into the box's own array) of box ∩ frame."""
    x0, y0, x1, y1 = box
    left, top = min(max(x0, 0), size[1]), min(max(y0, 0), size[0])
    right, bottom = max(left, min(x1, size[1])), max(top, min(y1, size[0]))
    frame = (slice(top, bottom), slice(left, right))
    local = (slice(top - y0, bottom - y0), slice(left - x0, right - x0))
    return frame, local
