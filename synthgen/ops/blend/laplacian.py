"""`laplacian`: each band of frequencies is blended over its own width.

Multiresolution spline (Burt and Adelson 1983). Pixels further than `reach` from the cutout stay
exact: there the coarsest band has faded out.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from pydantic import field_validator

from synthgen.core.config import Model
from synthgen.core.ranges import CountRange
from synthgen.core.types import RGB, RGBA, Coverage
from synthgen.ops.premultiplied import CARRIED, carry_colour, pack

__all__ = ["Laplacian", "LaplacianRecipe"]


@dataclass(frozen=True, slots=True)
class Laplacian:
    """A pyramid of `levels` bands."""

    levels: int

    @property
    def reach(self) -> int:
        """Pixels beyond the cutout that may change."""
        return int(2 ** (self.levels + 1))

    def apply(self, layer: RGBA, mask: Coverage, below: RGB) -> RGBA:
        """Return an opaque layer of blended colours around the cutout."""
        alpha = layer[:, :, 3].astype(np.float32) * np.float32(1 / 255)
        near = cv2.blur(alpha, (CARRIED, CARRIED)) > 0
        source = np.where(near[:, :, None], carry_colour(layer), below).astype(np.float32)
        blended = _spline(source, below.astype(np.float32), alpha, self.levels)
        side = 2 * self.reach + 1
        support = cv2.dilate((alpha > 0).astype(np.uint8), np.ones((side, side), np.uint8))
        return pack(blended, support.astype(np.float32) * 255)


class LaplacianRecipe(Model):
    """Number of bands.

    Attributes:
        levels: Number of bands, 1–6.
    """

    levels: CountRange = CountRange(min=2, max=3)

    @field_validator("levels")
    @classmethod
    def _sensible(cls, levels: CountRange) -> CountRange:
        if levels.min < 1 or levels.max > 6:
            raise ValueError(f"{levels.min}–{levels.max} is not within 1–6")
        return levels

    def draw(self, rng: np.random.Generator) -> Laplacian:
        """Draw the depth of one pyramid."""
        return Laplacian(self.levels.draw(rng))


def _spline(source: np.ndarray, target: np.ndarray, alpha: np.ndarray, levels: int) -> np.ndarray:
    """Blend two pictures (h, w, 3) by coverage (h, w), float32."""
    sources, targets, alphas = [source], [target], [alpha]
    for _ in range(levels):
        if min(alphas[-1].shape) < 4:
            break
        for pyramid in (sources, targets, alphas):
            pyramid.append(cv2.pyrDown(pyramid[-1]))
    mixed = _mix(sources[-1], targets[-1], alphas[-1])
    for fine in range(len(alphas) - 2, -1, -1):
        size = (alphas[fine].shape[1], alphas[fine].shape[0])
        source_band, target_band = (
            pyramid[fine] - cv2.pyrUp(pyramid[fine + 1], dstsize=size).reshape(pyramid[fine].shape)
            for pyramid in (sources, targets)
        )
        mixed = cv2.pyrUp(mixed, dstsize=size) + _mix(source_band, target_band, alphas[fine])
    return mixed


def _mix(source: np.ndarray, target: np.ndarray, alpha: np.ndarray) -> np.ndarray:
    weight = alpha[:, :, None]
    mixed: np.ndarray = weight * source + (1 - weight) * target
    return mixed
