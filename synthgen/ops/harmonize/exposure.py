"""`exposure`: the cutout is lit as its surroundings are, in brightness and in tint.

The grey-world assumption (Buchsbaum 1980) reads the light off the window behind the cutout: its
mean, in linear light, against the 18 % grey that a neutral scene averages to. The cutout, taken
for neutrally lit, is multiplied by that light.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from synthgen.compiled.colour import mean_light
from synthgen.core.types import RGB, RGBA, Coverage
from synthgen.ops.harmonize.strength import StrengthRecipe
from synthgen.ops.premultiplied import recolour
from synthgen.ops.srgb import DECODE, encode_srgb

__all__ = ["Exposure", "ExposureRecipe"]

GREY = 0.18
GAINS = (0.08, 2.5)  # no exposure goes beyond these in linear light


@dataclass(frozen=True, slots=True)
class Exposure:
    """Brightness and tint of the window behind the object, by its mean light against 18 % grey (Buchsbaum 1980)."""

    strength: float

    def apply(self, layer: RGBA, mask: Coverage, below: RGB) -> RGBA:
        """Return `layer` (premultiplied) multiplied by the light of `below`."""
        if not below.size:
            return layer
        gains = np.clip(mean_light(below, DECODE) / GREY, *GAINS) ** self.strength
        return recolour(layer, encode_srgb(DECODE[:, None] * gains.astype(np.float32)))


class ExposureRecipe(StrengthRecipe):
    """How far the exposure moves."""

    def draw(self, rng: np.random.Generator) -> Exposure:
        """Draw the strength of one match."""
        return Exposure(self.draw_strength(rng))
