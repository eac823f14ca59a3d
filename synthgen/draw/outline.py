"""Outlines of masks."""

from __future__ import annotations

import cv2
import numpy as np

from synthgen.core.types import RGB, AnyCoverage
from synthgen.draw.palette import HALO, Colour

__all__ = ["outline"]


def outline(image: RGB, mask: AnyCoverage, colour: Colour, *, halo: Colour | None = HALO) -> RGB:
    """Trace a mask, holes too, in `colour` above a wider `halo`; a mask of another size is stretched to the picture."""
    height, width = image.shape[:2]
    soft = cv2.resize(mask.astype(np.float32), (width, height), interpolation=cv2.INTER_LINEAR)
    contours, _ = cv2.findContours((soft >= 0.5).astype(np.uint8), cv2.RETR_CCOMP, cv2.CHAIN_APPROX_NONE)
    drawn = image.copy()
    for thickness, tone in ((3, halo), (1, colour)):
        if tone is not None:
            cv2.drawContours(drawn, contours, -1, tone, thickness, cv2.LINE_AA)
    return drawn
