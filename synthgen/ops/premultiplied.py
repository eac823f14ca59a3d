"""Arithmetic of premultiplied layers: the over operator, and colour beyond the edge.

Light adds up linearly, sRGB codes do not: `over` therefore mixes partly covered pixels in linear
light (IEC 61966-2-1) where it is asked to. Fully covered pixels are copied, uncovered ones left
alone, so only edges pay for it.
"""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
from jaxtyping import Float32, UInt8

from synthgen.compiled.colour import premultiplied, recoloured, straight
from synthgen.compiled.over import lay_over
from synthgen.core.types import RGB, RGBA, Alpha
from synthgen.ops.srgb import DECODE, ENCODE

__all__ = [
    "CARRIED",
    "carry_colour",
    "extend_colour",
    "over",
    "pack",
    "premultiply",
    "recolour",
    "straight_colour",
]

FloatRGB = Float32[np.ndarray, "h w 3"]
FloatRGBA = Float32[np.ndarray, "h w 4"]
CARRIED = 15  # side of the window from which `carry_colour` takes
OWN = np.float32(0.01)  # weight of borrowed colour against an uncovered pixel's own


def over(below: RGB, above: RGBA, *, linear_light: bool) -> None:
    """Lay premultiplied `above` over `below` in place: α · above + (1 − α) · below (Porter and Duff 1984)."""
    lay_over(below, above, linear_light, DECODE, ENCODE)


def straight_colour(layer: RGBA) -> RGB:
    """Return colour free of alpha, rounded to codes; 0 where nothing is covered."""
    colour: RGB = straight(layer)
    return colour


def premultiply(colour: RGB, layer: RGBA) -> RGBA:
    """Return straight `colour` premultiplied with the alpha of `layer`."""
    new: RGBA = premultiplied(colour, layer)
    return new


def recolour(layer: RGBA, tables: UInt8[np.ndarray, "256 3"]) -> RGBA:
    """Return premultiplied `layer`, its straight colour looked up in one table a channel."""
    new: RGBA = recoloured(layer, tables)
    return new


def extend_colour(layer: RGBA, smooth: Callable[[FloatRGBA], FloatRGBA]) -> tuple[FloatRGB, Alpha]:
    """Return colour 0–255 (h, w, 3) carried beyond the edge, and smoothed alpha 0–255 (h, w), float32.

    Uncovered pixels borrow from their neighbours by normalised convolution with `smooth`
    (Knutsson and Westin 1993); fully covered ones keep their own colour exactly.
    """
    pixels = layer.astype(np.float32)
    spread = smooth(pixels)
    borrowed = OWN * (1 - pixels[:, :, 3:] * np.float32(1 / 255))
    weighted = pixels + borrowed * spread
    return weighted[:, :, :3] * (np.float32(255) / np.maximum(weighted[:, :, 3:], np.float32(1e-3))), spread[:, :, 3]


def carry_colour(layer: RGBA) -> FloatRGB:
    """Return colour 0–255 (h, w, 3), float32, carried some `CARRIED` / 2 pixels beyond the edge."""
    colour, _ = extend_colour(layer, lambda pixels: cv2.blur(pixels, (CARRIED, CARRIED)))
    return colour


def pack(colour: FloatRGB, alpha: Alpha) -> RGBA:
    """Premultiply colour 0–255 (h, w, 3) with alpha 0–255 (h, w), rounded to uint8."""
    share = alpha[:, :, None] * np.float32(1 / 255)
    layer: RGBA = np.rint(np.concatenate([np.clip(colour, 0, 255) * share, alpha[:, :, None]], axis=2)).astype(np.uint8)
    return layer
