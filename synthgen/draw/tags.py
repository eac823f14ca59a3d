"""Words at boxes, each on a plate of the box's colour."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from PIL import Image, ImageDraw

from synthgen.core.types import RGB
from synthgen.draw.palette import INK, WHITE, Colour
from synthgen.draw.text import text_width, write

__all__ = ["draw_tags"]

BRIGHT = 140  # luma of a colour from which on words on it are dark


def draw_tags(
    image: RGB,
    xyxy: np.ndarray | Iterable[Sequence[float]],
    words: Sequence[str],
    colour: Colour,
    *,
    size: int = 13,
    below: bool = False,
) -> RGB:
    """Write a word above the upper left corner of each box, within the picture; nothing where the word is empty.

    Args:
        image: To draw on.
        xyxy: x0, y0, x1, y1 of each box, half-open, in pixels.
        words: Of each box.
        colour: Of the plates.
        size: Of the words, pixels.
        below: Whether they stand below the lower left corner instead.
    """
    drawn = image
    ink = INK if float(np.dot(colour, (0.299, 0.587, 0.114))) > BRIGHT else WHITE
    for (x0, y0, _, y1), word in zip(xyxy, words, strict=True):
        if word:
            margin = max(1, size // 5)
            width, height = round(text_width(word, size)) + 2 * margin, size + 2 * margin
            left = max(0, min(round(x0), image.shape[1] - width))
            top = max(0, min(round(y1) if below else round(y0) - height, image.shape[0] - height))
            drawn = _plate(drawn, (left, top, left + width, top + height), colour)
            drawn = write(drawn, word, (left + margin, top + margin // 2), size=size, colour=ink)
    return drawn


def _plate(image: RGB, box: tuple[int, int, int, int], colour: Colour) -> RGB:
    canvas = Image.fromarray(image)
    ImageDraw.Draw(canvas).rectangle((box[0], box[1], box[2] - 1, box[3] - 1), colour)
    return np.array(canvas)
