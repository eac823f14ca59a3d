"""Boxes, solid or dashed, each line above a dark halo that parts it from the picture."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import cv2
import numpy as np

from synthgen.core.types import RGB
from synthgen.draw.palette import HALO, Colour

__all__ = ["draw_boxes"]

DASH, SPACE = 6.0, 5.0  # pixels
SUBPIXEL = 3  # cv2 takes coordinates in 1/2^3 pixel
Line = tuple[np.ndarray, np.ndarray]


def draw_boxes(
    image: RGB, xyxy: np.ndarray | Iterable[Sequence[float]], colour: Colour, *, dashed: bool = False, width: int = 1
) -> RGB:
    """Draw boxes (x0, y0, x1, y1), half-open, in pixels of this picture; they may leave it."""
    drawn = image.copy()
    for box in xyxy:
        sides = _sides(image.shape[:2], np.asarray(box, float))
        lines = [dash for side in sides for dash in _dashes(*side)] if dashed else sides
        for thickness, tone in ((width + 2, HALO), (width, colour)):  # first all of the halo, which covers no colour
            for start, end in lines:
                _line(drawn, start, end, tone, thickness)
    return drawn


def _sides(size: tuple[int, ...], box: np.ndarray) -> list[Line]:
    """Return the box's four sides; one beyond the picture stays beyond it, but near."""
    height, width = size
    x0, x1 = np.clip(box[[0, 2]], -8.0, width + 8.0)
    y0, y1 = np.clip(box[[1, 3]], -8.0, height + 8.0)
    corners = [np.array(corner) - 0.5 for corner in ((x0, y0), (x1, y0), (x1, y1), (x0, y1))]
    return list(zip(corners, [*corners[1:], corners[0]], strict=True))


def _dashes(start: np.ndarray, end: np.ndarray) -> Iterator[Line]:
    length = float(np.linalg.norm(end - start))
    for offset in np.arange(0.0, length, DASH + SPACE):
        stop = min(offset + DASH, length)
        yield start + (end - start) * offset / length, start + (end - start) * stop / length


def _line(picture: RGB, start: np.ndarray, end: np.ndarray, colour: Colour, thickness: int) -> None:
    first, last = (tuple(int(value) for value in np.round(point * 2**SUBPIXEL)) for point in (start, end))
    cv2.line(picture, first, last, colour, thickness, cv2.LINE_AA, SUBPIXEL)
