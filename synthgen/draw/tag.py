"""A word on a box: light on the colour of the box, at its upper left corner, always within the picture."""

from __future__ import annotations

import numpy as np
from PIL import Image, ImageDraw

from synthgen.core.types import RGB
from synthgen.draw.palette import INK, WHITE, Colour
from synthgen.draw.text import text_width, write

__all__ = ["tag"]

MARGIN = 3  # pixels around the words
BRIGHT = 140  # of 255: on colours above it ink is read more easily


def tag(image: RGB, text: str, at: tuple[float, float], colour: Colour, *, size: int = 13) -> RGB:
    """Write `text` on a plate whose lower left corner is `at`, (x, y), or as near as the picture has room for it."""
    height, width = image.shape[:2]
    long, tall = round(text_width(text, size)) + 2 * MARGIN, size + 2 * MARGIN
    x = min(max(0, round(at[0])), max(0, width - long))
    y = min(max(0, round(at[1]) - tall), max(0, height - tall))
    canvas = Image.fromarray(image)
    ImageDraw.Draw(canvas).rectangle((x, y, x + long - 1, y + tall - 1), fill=colour)
    red, green, blue = colour
    ink = INK if 0.3 * red + 0.59 * green + 0.11 * blue > BRIGHT else WHITE
    return write(np.array(canvas), text, (x + MARGIN, y + 1), size=size, colour=ink)
