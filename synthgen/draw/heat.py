"""A map of numbers 0–1 as colours over a picture."""

from __future__ import annotations

import cv2
import numpy as np
from jaxtyping import Float32

from synthgen.core.types import RGB

__all__ = ["heat"]

STRENGTH = 0.5  # of the colours beside the picture


def heat(image: RGB, values: Float32[np.ndarray, "h w"]) -> RGB:
    """Lay colours over the picture in grey: blue where the map is 0, by way of green to red where it is 1.

    Args:
        image: The picture.
        values: 0–1, of the same height and width.
    """
    codes = np.rint(np.clip(values, 0, 1) * 255).astype(np.uint8)
    colours = cv2.cvtColor(cv2.applyColorMap(codes, cv2.COLORMAP_TURBO), cv2.COLOR_BGR2RGB)
    grey = cv2.cvtColor(cv2.cvtColor(image, cv2.COLOR_RGB2GRAY), cv2.COLOR_GRAY2RGB)
    return cv2.addWeighted(grey, 1 - STRENGTH, colours, STRENGTH, 0).astype(np.uint8)
