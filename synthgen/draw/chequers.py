"""A chequered ground, on which halos and holes of a cutout are seen."""

from __future__ import annotations

import numpy as np

from synthgen.core.types import AnyRGB, AnyRGBA
from synthgen.draw.palette import Colour

__all__ = ["on_chequers"]

SQUARE = 8  # pixels


def on_chequers(picture: AnyRGBA, light: Colour, dark: Colour) -> AnyRGB:
    """Lay straight RGBA on squares of two colours."""
    height, width = picture.shape[:2]
    y, x = np.mgrid[:height, :width] // SQUARE
    ground = np.where(((x + y) % 2)[..., None], np.array(light), np.array(dark))
    alpha = picture[..., 3:].astype(np.float64) / 255
    mixed: AnyRGB = np.rint(picture[..., :3] * alpha + ground * (1 - alpha)).astype(np.uint8)
    return mixed
