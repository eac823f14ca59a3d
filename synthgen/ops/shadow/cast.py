"""`cast`: the silhouette laid down on a plane below the cutout, by a light from the side.

A planar shadow is a projective map of the silhouette (Blinn 1988, "Me and my (fake) shadow"); for a
distant light and camera it is affine: squash the height, shear it along the ground, blur.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

import cv2
import numpy as np

from synthgen.core.config import Model
from synthgen.core.ranges import FloatRange, between
from synthgen.core.types import Alpha, AnyAlpha

__all__ = ["CastRecipe", "CastShadow"]


@dataclass(frozen=True, slots=True)
class CastShadow:
    """Darkness of `strength`, `length` times as tall as the cutout, leaning by `lean`, blurred by `softness`."""

    strength: float
    length: float
    lean: float
    softness: float

    def shade(self, alpha: Alpha) -> tuple[AnyAlpha, tuple[int, int]]:
        """Return darkness 0–1, and where its array lies (x, y) against that of `alpha`."""
        height, width = alpha.shape
        sigma = max(self.softness * max(height, width), 0.5)
        pad = int(np.ceil(3 * sigma))
        sideways = int(np.ceil(abs(self.lean) * height))
        left = pad + (sideways if self.lean < 0 else 0)
        # The cutout's lowest row stays; a row h above it goes to length · h above, lean · h aside.
        rows = np.flatnonzero(alpha.any(axis=1))
        foot = float(rows[-1] + 1) if rows.size else float(height)
        top = foot - self.length * foot
        matrix = np.array([[1.0, -self.lean, left + self.lean * foot], [0.0, self.length, pad + top - min(top, 0.0)]])
        size = (width + sideways + 2 * pad, int(np.ceil(max(foot, self.length * foot))) + 2 * pad)
        laid = cv2.warpAffine(alpha, matrix, size, flags=cv2.INTER_LINEAR)
        return np.float32(self.strength) * cv2.GaussianBlur(laid, (0, 0), sigma), (-left, -pad + int(min(top, 0.0)))


class CastRecipe(Model):
    """Direction and look of the shadow.

    Attributes:
        strength: Darkness.
        length: Height of the shadow as a share of the cutout's.
        lean: Sideways shift as a share of the height; negative leans to the left.
        softness: Blur as a share of the cutout's long side.
    """

    strength: Annotated[FloatRange, between(0, 1)] = FloatRange(min=0.15, max=0.45)
    length: Annotated[FloatRange, between(0, 3, above=True)] = FloatRange(min=0.2, max=0.6)
    lean: Annotated[FloatRange, between(-5, 5)] = FloatRange(min=-0.8, max=0.8)
    softness: Annotated[FloatRange, between(0, 1)] = FloatRange(min=0.01, max=0.05)

    def draw(self, rng: np.random.Generator) -> CastShadow:
        """Draw one shadow."""
        return CastShadow(
            *(round(part.draw(rng), 4) for part in (self.strength, self.length, self.lean, self.softness))
        )
