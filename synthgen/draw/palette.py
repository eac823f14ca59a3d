"""The colours of all drawings, RGB 0–255."""

from __future__ import annotations

__all__ = [
    "COLOURS",
    "FALSE_ALARM",
    "GREY",
    "HALO",
    "HIT",
    "INK",
    "MISS",
    "PAPER",
    "WHITE",
    "Colour",
    "class_colour",
    "colour_of",
]

Colour = tuple[int, int, int]

# Okabe and Ito's palette (https://jfly.uni-koeln.de/color/), which colour-blind readers can tell apart.
COLOURS: tuple[Colour, ...] = (
    (230, 159, 0),
    (86, 180, 233),
    (0, 200, 140),
    (240, 228, 66),
    (213, 94, 0),
    (204, 121, 167),
    (60, 120, 255),
)
HIT: Colour = (64, 200, 90)
FALSE_ALARM: Colour = (235, 64, 52)
MISS: Colour = (66, 110, 245)
PAPER: Colour = (250, 250, 248)
WHITE: Colour = (255, 255, 255)
INK: Colour = (34, 36, 40)
GREY: Colour = (112, 116, 122)
HALO: Colour = (20, 20, 20)


def colour_of(number: int) -> Colour:
    """Return the colour of instance `number`, from 1; after the last colour comes the first again."""
    return COLOURS[(number - 1) % len(COLOURS)]


def class_colour(number: int) -> Colour:
    """Return the colour of class `number`, from 1: those of `COLOURS`, then the same lighter, darker, and so on."""
    own = colour_of(number)
    other = (own, WHITE, HALO)[(number - 1) // len(COLOURS) % 3]
    red, green, blue = ((ours + theirs) // 2 for ours, theirs in zip(own, other, strict=True))
    return red, green, blue
