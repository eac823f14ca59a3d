"""Words on drawings, in the font that comes with Pillow."""

from __future__ import annotations

from typing import Literal

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from synthgen.core.types import RGB
from synthgen.draw.palette import INK, Colour

__all__ = ["shortened", "text_width", "write"]

Font = ImageFont.FreeTypeFont | ImageFont.ImageFont


def write(
    image: RGB,
    text: str,
    at: tuple[int, int],
    *,
    size: int = 13,
    colour: Colour = INK,
    anchor: Literal["left", "right"] = "left",
) -> RGB:
    """Write one line whose upper left (or right) corner is `at`, (x, y); `size` is in pixels."""
    canvas = Image.fromarray(image)
    ImageDraw.Draw(canvas).text(at, text, fill=colour, font=_font(size), anchor="la" if anchor == "left" else "ra")
    return np.array(canvas)


def text_width(text: str, size: int = 13) -> float:
    """Return how wide a line is, pixels."""
    return _font(size).getlength(text)


def shortened(text: str, width: int, size: int = 13) -> str:
    """Shorten `text` to `width` pixels, with an ellipsis where something was cut."""
    if text_width(text, size) <= width:
        return text
    while text and text_width(text + "…", size) > width:
        text = text[:-1]
    return text.rstrip() + "…"


def _font(size: int) -> Font:
    return ImageFont.load_default(size)
