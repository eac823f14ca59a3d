"""To look at: cutouts on chequers, on which halos and holes are seen, and edges from near, before and after."""

from __future__ import annotations

import cv2
import numpy as np

from synthgen.core.types import AnyCoverage, AnyRGB, AnyRGBA
from synthgen.draw.chequers import on_chequers
from synthgen.draw.palette import Colour
from synthgen.importing.edges import Cleaned
from synthgen.importing.piece import Edges

__all__ = ["mended", "on_ground", "thumbnail"]

LIGHT: Colour = (228, 120, 226)  # few objects and no shadow have this colour
DARK: Colour = (182, 96, 181)
TILE = 150  # pixels: long side of a thumbnail
WINDOW = 40  # pixels: side of what is shown of an edge


def on_ground(picture: AnyRGBA) -> AnyRGB:
    """Lay straight RGBA on the chequered ground of these sheets."""
    return on_chequers(picture, LIGHT, DARK)


def thumbnail(picture: AnyRGB | AnyRGBA) -> AnyRGB:
    """Return a small RGB picture of a background, or of a cutout on chequers."""
    scale = min(1.0, TILE / max(picture.shape[:2]))
    size = (max(1, round(picture.shape[1] * scale)), max(1, round(picture.shape[0] * scale)))
    small: np.ndarray = cv2.resize(picture, size, interpolation=cv2.INTER_AREA)
    return small if small.shape[2] == 3 else on_ground(small)


def mended(image: AnyRGB, mask: AnyCoverage, cleaned: Cleaned) -> Edges:
    """Return the part of a photograph where the cleaning changed most."""
    height, width = mask.shape
    after = np.zeros((height, width, 4), np.uint8)
    x, y = cleaned.corner
    after[y : y + cleaned.picture.shape[0], x : x + cleaned.picture.shape[1]] = cleaned.picture
    before = np.dstack([image, mask.astype(np.uint8) * 255])
    change = cv2.absdiff(before[..., 3], after[..., 3]).astype(np.float32)
    row, column = np.unravel_index(int(cv2.blur(change, (WINDOW, WINDOW)).argmax()), change.shape)
    window = (_span(int(row), height), _span(int(column), width))
    return Edges(image[window].copy(), before[window].copy(), after[window].copy())


def _span(middle: int, length: int) -> slice:
    start = min(max(0, middle - WINDOW // 2), max(0, length - WINDOW))
    return slice(start, min(length, start + WINDOW))
