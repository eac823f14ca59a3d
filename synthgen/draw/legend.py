"""What the colours of a sheet mean."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PIL import Image, ImageDraw

from synthgen.core.types import RGB, AnyRGB
from synthgen.draw.palette import HALO, WHITE, Colour
from synthgen.draw.text import text_width, write

__all__ = ["explained", "legend", "swatch"]

HEIGHT = 28
SIDE = 11  # of a swatch, pixels
LEFT, SPACE = 4, 16  # before the first entry, and between two; pixels


def legend(entries: Sequence[tuple[Colour, str]], width: int, *, paper: Colour = WHITE) -> RGB:
    """Return a bar of `width` pixels with a swatch and a word for each colour, in as many rows as they need."""
    rows: list[RGB] = []
    place = width
    for colour, meaning in entries:
        if not rows or place + _width(meaning) > width:
            rows.append(np.full((HEIGHT, width, 3), paper, np.uint8))
            place = LEFT
        rows[-1] = swatch(rows[-1], (place, 9), colour)
        rows[-1] = write(rows[-1], meaning, (place + SIDE + 6, 6))
        place += _width(meaning) + SPACE
    return np.concatenate(rows or [np.full((HEIGHT, width, 3), paper, np.uint8)])


def explained(picture: AnyRGB, entries: Sequence[tuple[Colour, str]], *, paper: Colour = WHITE) -> AnyRGB:
    """Put a legend below a picture; one that is narrower than a word of it gets paper beside it."""
    width = max([picture.shape[1], *(2 * LEFT + _width(meaning) for _, meaning in entries)])
    page = np.full((picture.shape[0], width, 3), paper, np.uint8)
    page[:, : picture.shape[1]] = picture
    return np.concatenate([page, legend(entries, width, paper=paper)])


def swatch(image: RGB, at: tuple[int, int], colour: Colour) -> RGB:
    """Draw a small square of `colour` whose upper left corner is `at`, (x, y)."""
    canvas = Image.fromarray(image)
    corners = (*at, at[0] + SIDE - 1, at[1] + SIDE - 1)
    ImageDraw.Draw(canvas).rounded_rectangle(corners, 2, colour, outline=HALO)
    return np.array(canvas)


def _width(meaning: str) -> int:
    """Return the pixels that a swatch and its word take."""
    return SIDE + 6 + round(text_width(meaning))
