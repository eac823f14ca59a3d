"""`exposure`: the cutout is lit as its surroundings are, in brightness and in tint.

The grey-world assumption (Buchsbaum 1980) reads the light off the window behind the cutout: its
mean, in linear light, against the 18 % grey that a neutral scene averages to. The cutout, taken
for neutrally lit, is multiplied by that light.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from synthgen.core.types import RGB, RGBA, Coverage
from synthgen.ops.harmonize.strength import StrengthRecipe
from synthgen.ops.premultiplied import DECODE, decode_srgb, encode_srgb, premultiply, straight_colour

__all__ = ["Exposure", "ExposureRecipe"]

GREY = 0.18
GAINS = (0.08, 2.5)  # no exposure goes beyond these in linear light


@dataclass(frozen=True, slots=True)
class Exposure:
    """A match of `strength` 0–1."""

    strength: float

    def apply(self, layer: RGBA, mask: Coverage, below: RGB) -> RGBA:
        """Return `layer` (premultiplied) multiplied by the light of `below`."""
        if not below.size:
            return layer
        mean = np.array(cv2.mean(decode_srgb(below))[:3], dtype=np.float32)
        gains = np.clip(mean / GREY, *GAINS) ** np.float32(self.strength)
        tables = encode_srgb(DECODE[:, None] * gains)
        return premultiply(cv2.LUT(straight_colour(layer), tables[None]), layer)


class ExposureRecipe(StrengthRecipe):
    """How far the exposure moves."""

    def draw(self, rng: np.random.Generator) -> Exposure:
        """Draw the strength of one match."""
        return Exposure(self.draw_strength(rng))
