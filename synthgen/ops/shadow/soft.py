"""`soft`: the silhouette moved a little aside and blurred, as a lamp casts it on the ground of a product photograph."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

import cv2
import numpy as np

from synthgen.core.config import Model
from synthgen.core.ranges import FloatRange, between
from synthgen.core.types import Alpha, AnyAlpha

__all__ = ["SoftRecipe", "SoftShadow"]

Share = Annotated[FloatRange, between(0, 1)]
Shift = Annotated[FloatRange, between(-1, 1)]


@dataclass(frozen=True, slots=True)
class SoftShadow:
    """Darkness of `strength` at most, blurred by `softness`, moved by `across` and `down`, shares of the long side."""

    strength: float
    softness: float
    across: float
    down: float

    def shade(self, alpha: Alpha) -> tuple[AnyAlpha, tuple[int, int]]:
        """Return darkness 0–1, and where its array lies (x, y) against that of `alpha`."""
        side = max(alpha.shape)
        sigma = max(self.softness * side, 0.5)
        pad = int(np.ceil(3 * sigma))
        padded = cv2.copyMakeBorder(alpha, pad, pad, pad, pad, cv2.BORDER_CONSTANT, value=0)
        shade = np.float32(self.strength) * cv2.GaussianBlur(padded, (0, 0), sigma)
        return shade, (round(self.across * side) - pad, round(self.down * side) - pad)


class SoftRecipe(Model):
    """Look of the shadow.

    Attributes:
        strength: Greatest darkness.
        softness: Blur as a share of the cutout's long side.
        across: How far it is moved to the right, as a share of the cutout's long side; negative to the left.
        down: How far it is moved down, as a share of the cutout's long side.
    """

    strength: Share = FloatRange(min=0.2, max=0.7)
    softness: Share = FloatRange(min=0.01, max=0.06)
    across: Shift = FloatRange(min=-0.05, max=0.05)
    down: Shift = FloatRange(min=0.0, max=0.06)

    def draw(self, rng: np.random.Generator) -> SoftShadow:
        """Draw one shadow."""
        parts = (self.strength, self.softness, self.across, self.down)
        return SoftShadow(*(round(part.draw(rng), 4) for part in parts))
