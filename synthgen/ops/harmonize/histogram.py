"""`histogram`: the distribution of each colour channel, matched to the window behind the cutout.

Exact histogram specification by cumulative distributions (Gonzalez and Woods, Digital Image
Processing, 3.3.2), as a table of 256 entries a channel.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from synthgen.core.types import RGB, RGBA, Coverage
from synthgen.ops.harmonize.strength import StrengthRecipe
from synthgen.ops.premultiplied import pack, straight_colour

__all__ = ["Histogram", "HistogramRecipe"]


@dataclass(frozen=True, slots=True)
class Histogram:
    """A match of `strength` 0–1."""

    strength: float

    def apply(self, layer: RGBA, mask: Coverage, below: RGB) -> RGBA:
        """Return `layer` (premultiplied) with its histograms moved towards those of `below`."""
        if not mask.any():
            return layer
        colour = np.minimum(np.rint(straight_colour(layer)), 255).astype(np.uint8)
        tables = [_table(colour[:, :, channel][mask], below[:, :, channel]) for channel in range(3)]
        matched = np.dstack([cv2.LUT(colour[:, :, channel], tables[channel]) for channel in range(3)])
        mixed = colour + np.float32(self.strength) * (matched - colour.astype(np.float32))
        return pack(mixed, layer[:, :, 3].astype(np.float32))


class HistogramRecipe(StrengthRecipe):
    """How far the colours move."""

    def draw(self, rng: np.random.Generator) -> Histogram:
        """Draw the strength of one match."""
        return Histogram(self.draw_strength(rng))


def _table(own: np.ndarray, wanted: np.ndarray) -> np.ndarray:
    """Map each code to the code of the same rank in `wanted`, float32 (256,)."""
    ranks = [np.cumsum(np.bincount(values.ravel(), minlength=256)) / values.size for values in (own, wanted)]
    return np.interp(ranks[0], ranks[1], np.arange(256)).astype(np.float32)
