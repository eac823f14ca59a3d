"""`poisson`, `poisson_mixed`: the cutout's gradients, continued from the scene's colours at its edge.

Poisson image editing (Pérez, Gangnet and Blake 2003), solved by `cv2.seamlessClone`; "mixed" takes
the stronger of the two gradients. Only pixels that the cutout covers change: colour comes from the
solution, coverage from the cutout.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from synthgen.core.config import Model
from synthgen.core.types import RGB, RGBA, Coverage
from synthgen.ops.premultiplied import carry_colour, pack

__all__ = ["Poisson", "PoissonMixed", "PoissonMixedRecipe", "PoissonRecipe"]

EROSION = 3  # seamlessClone shrinks the mask it is given by as many pixels
PAD = 8  # and must not meet the border of its arrays


@dataclass(frozen=True, slots=True)
class Poisson:
    """Normal cloning; has no numbers."""

    @property
    def reach(self) -> int:
        """Pixels beyond the cutout that may change."""
        return 0

    def apply(self, layer: RGBA, mask: Coverage, below: RGB) -> RGBA:
        """Return `layer` (premultiplied) in the colours of the solution."""
        return _clone(layer, mask, below, cv2.NORMAL_CLONE)


@dataclass(frozen=True, slots=True)
class PoissonMixed:
    """Cloning of the stronger gradient; has no numbers."""

    @property
    def reach(self) -> int:
        """Pixels beyond the cutout that may change."""
        return 0

    def apply(self, layer: RGBA, mask: Coverage, below: RGB) -> RGBA:
        """Return `layer` (premultiplied) in the colours of the solution."""
        return _clone(layer, mask, below, cv2.MIXED_CLONE)


class PoissonRecipe(Model):
    """Nothing to choose."""

    def draw(self, rng: np.random.Generator) -> Poisson:
        """Return the blend."""
        return Poisson()


class PoissonMixedRecipe(Model):
    """Nothing to choose."""

    def draw(self, rng: np.random.Generator) -> PoissonMixed:
        """Return the blend."""
        return PoissonMixed()


def _clone(layer: RGBA, mask: Coverage, below: RGB, kind: int) -> RGBA:
    if not mask.any():
        return layer
    source = np.clip(np.rint(carry_colour(layer)), 0, 255).astype(np.uint8)
    # Grown by what seamlessClone takes away, so that thin barrels survive.
    region = cv2.copyMakeBorder(mask.view(np.uint8) * np.uint8(255), PAD, PAD, PAD, PAD, cv2.BORDER_CONSTANT, value=0)
    region = cv2.dilate(region, np.ones((3, 3), np.uint8), iterations=EROSION)
    padded = [cv2.copyMakeBorder(pixels, PAD, PAD, PAD, PAD, cv2.BORDER_REPLICATE) for pixels in (source, below)]
    x, y, width, height = cv2.boundingRect(region)
    cloned = cv2.seamlessClone(padded[0], padded[1], region, (x + width // 2, y + height // 2), kind)
    inner = cloned[PAD:-PAD, PAD:-PAD].astype(np.float32)
    return pack(inner, layer[:, :, 3].astype(np.float32))
