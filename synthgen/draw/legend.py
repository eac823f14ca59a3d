"""What the colours of a sheet mean."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PIL import Image, ImageDraw

from synthgen.core.types import RGB
from synthgen.draw.palette import HALO, WHITE, Colour
from synthgen.draw.text import text_width, write

__all__ = ["legend", "swatch"]

HEIGHT = 28
SIDE = 11  # of a swatch, pixels


def legend(entries: Sequence[tuple[Colour, str]], width: int, *, paper: Colour = WHITE) -> RGB:
    """Return a bar of `width` pixels with a swatch and a word for each colour, as many as there is room for."""
    bar = np.full((HEIGHT, width, 3), paper, np.uint8)
    place = 4
    for colour, meaning in entries:
        bar = swatch(bar, (place, 9), colour)
        bar = write(bar, meaning, (place + SIDE + 6, 6))
        place += SIDE + 6 + round(text_width(meaning)) + 16
    return bar


def swatch(image: RGB, at: tuple[int, int], colour: Colour) -> RGB:
    """Draw a small square of `colour` whose upper left corner is `at`, (x, y)."""
    canvas = Image.fromarray(image)
    corners = (*at, at[0] + SIDE - 1, at[1] + SIDE - 1)
    ImageDraw.Draw(canvas).rounded_rectangle(corners, 2, colour, outline=HALO)
    return np.array(canvas)
