"""`reinhard`: mean and spread of the colours, matched in Lab.

Color transfer between images (Reinhard, Ashikhmin, Gooch and Shirley 2001), in CIE Lab as OpenCV
computes it. The spread of a flat cutout says nothing, so its ratio stays within `SPREADS`.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from synthgen.core.types import RGB, RGBA, Coverage
from synthgen.ops.harmonize.strength import StrengthRecipe
from synthgen.ops.premultiplied import premultiply, straight_colour

__all__ = ["Reinhard", "ReinhardRecipe"]

SPREADS = (0.5, 2.0)
FLAT = 1.0  # standard deviation in Lab units below which a channel is flat


@dataclass(frozen=True, slots=True)
class Reinhard:
    """Mean and deviation in Lab of the window behind the object (Reinhard et al. 2001)."""

    strength: float

    def apply(self, layer: RGBA, mask: Coverage, below: RGB) -> RGBA:
        """Return `layer` (premultiplied) with colours moved towards those of `below`."""
        if not mask.any():
            return layer
        lab = _lab(straight_colour(layer))
        own_mean, own_spread = cv2.meanStdDev(lab, mask=mask.view(np.uint8))
        new_mean, new_spread = cv2.meanStdDev(_lab(below))
        ratio = np.clip(new_spread / np.maximum(own_spread, FLAT), *SPREADS)
        # lab + strength · ((lab − own mean) · ratio + new mean − lab), as one gain and one offset
        gain = 1 + self.strength * (ratio - 1)
        offset = self.strength * (new_mean - own_mean * ratio)
        mixed = lab * gain.ravel().astype(np.float32) + offset.ravel().astype(np.float32)
        colour = cv2.convertScaleAbs(np.maximum(cv2.cvtColor(mixed, cv2.COLOR_Lab2RGB), 0), alpha=255)
        return premultiply(colour, layer)


class ReinhardRecipe(StrengthRecipe):
    """How far the colours move."""

    def draw(self, rng: np.random.Generator) -> Reinhard:
        """Draw the strength of one match."""
        return Reinhard(self.draw_strength(rng))


def _lab(colour: RGB) -> np.ndarray:
    unit: np.ndarray = colour * np.float32(1 / 255)
    return cv2.cvtColor(unit, cv2.COLOR_RGB2Lab)
