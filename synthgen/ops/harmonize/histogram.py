"""`histogram`: the distribution of each colour channel, matched to the window behind the cutout.

Exact histogram specification by cumulative distributions (Gonzalez and Woods, Digital Image
Processing, 3.3.2), as a table of 256 entries a channel.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from synthgen.core.types import RGB, RGBA, Coverage
from synthgen.ops.harmonize.strength import StrengthRecipe
from synthgen.ops.premultiplied import recolour, straight_colour

__all__ = ["Histogram", "HistogramRecipe"]


@dataclass(frozen=True, slots=True)
class Histogram:
    """Distribution of each channel in the window behind the object (Gonzalez and Woods, 3.3.2)."""

    strength: float

    def apply(self, layer: RGBA, mask: Coverage, below: RGB) -> RGBA:
        """Return `layer` (premultiplied) with its histograms moved towards those of `below`."""
        if not mask.any():
            return layer
        colour, codes = straight_colour(layer), np.arange(256)[:, None]
        matched = np.stack([_table(colour[:, :, c][mask], below[:, :, c]) for c in range(3)], axis=1)
        tables = np.rint(codes + self.strength * (matched - codes)).astype(np.uint8)
        return recolour(layer, tables)


class HistogramRecipe(StrengthRecipe):
    """How far the colours move."""

    def draw(self, rng: np.random.Generator) -> Histogram:
        """Draw the strength of one match."""
        return Histogram(self.draw_strength(rng))


def _table(own: np.ndarray, wanted: np.ndarray) -> np.ndarray:
    """Map each code to the code of the same rank in `wanted`, float (256,)."""
    ranks = [np.cumsum(np.bincount(values.ravel(), minlength=256)) / values.size for values in (own, wanted)]
    return np.interp(ranks[0], ranks[1], np.arange(256))
