"""Masks as colour, over a picture or alone."""

from __future__ import annotations

import numpy as np

from synthgen.core.types import RGB, Coverage, InstanceMask
from synthgen.draw.palette import COLOURS, Colour

__all__ = ["colour_mask", "overlay"]

NOTHING: Colour = (24, 26, 30)


def overlay(image: RGB, mask: Coverage, colour: Colour, *, strength: float = 0.5) -> RGB:
    """Mix `colour` into the pixels of `mask`, a picture-sized mask; `strength` is 0–1."""
    tinted = image.copy()
    tinted[mask] = ((1 - strength) * image[mask] + strength * np.array(colour)).astype(np.uint8)
    return tinted


def colour_mask(mask: InstanceMask) -> RGB:
    """Return a mask in the colours of its instances, nothing in a dark grey."""
    colours = np.array([COLOURS[number % len(COLOURS)] for number in range(-1, 255)], np.uint8)
    colours[0] = NOTHING
    painted: RGB = colours[mask]
    return painted
