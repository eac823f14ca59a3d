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
from synthgen.ops.premultiplied import pack, straight_colour

__all__ = ["Reinhard", "ReinhardRecipe"]

SPREADS = (0.5, 2.0)
FLAT = 1.0  # standard deviation in Lab units below which a channel is flat


@dataclass(frozen=True, slots=True)
class Reinhard:
    """A match of `strength` 0–1."""

    strength: float

    def apply(self, layer: RGBA, mask: Coverage, below: RGB) -> RGBA:
        """Return `layer` (premultiplied) with colours moved towards those of `below`."""
        if not mask.any():
            return layer
        lab = _lab(straight_colour(layer))
        own_mean, own_spread = _statistics(lab[mask])
        new_mean, new_spread = _statistics(_lab(below.astype(np.float32)).reshape(-1, 3))
        ratio = np.clip(new_spread / np.maximum(own_spread, FLAT), *SPREADS)
        matched = (lab - own_mean) * ratio + new_mean
        mixed = lab + np.float32(self.strength) * (matched - lab)
        colour = cv2.cvtColor(mixed.astype(np.float32), cv2.COLOR_Lab2RGB) * 255
        return pack(colour, layer[:, :, 3].astype(np.float32))


class ReinhardRecipe(StrengthRecipe):
    """How far the colours move."""

    def draw(self, rng: np.random.Generator) -> Reinhard:
        """Draw the strength of one match."""
        return Reinhard(self.draw_strength(rng))


def _lab(colour: np.ndarray) -> np.ndarray:
    unit: np.ndarray = np.minimum(colour, 255) * np.float32(1 / 255)
    return cv2.cvtColor(unit, cv2.COLOR_RGB2Lab)


def _statistics(lab: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    mean: np.ndarray = lab.mean(axis=0)
    deviation: np.ndarray = lab.std(axis=0)
    return mean, deviation
