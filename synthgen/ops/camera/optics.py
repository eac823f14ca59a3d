"""Optics: defocus, chromatic aberration, vignette. Lens distortion moves pixels and is in `geometry.py`."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Annotated

import cv2
import numpy as np

from synthgen.core.ranges import FloatRange, between
from synthgen.core.types import RGB
from synthgen.ops.camera.effect import EffectRecipe, Photometric

__all__ = ["ChromaticAberration", "ChromaticAberrationRecipe", "Defocus", "DefocusRecipe", "Vignette", "VignetteRecipe"]

SUBPIXEL = 4


@dataclass(frozen=True, slots=True)
class Defocus(Photometric):
    """A disc of confusion of `radius` pixels (Pentland 1987)."""

    radius: float

    def apply(self, image: RGB) -> RGB:
        """Convolve with the disc."""
        return cv2.filter2D(image, -1, _disc(self.radius), borderType=cv2.BORDER_REFLECT_101)


@dataclass(frozen=True, slots=True)
class ChromaticAberration(Photometric):
    """Red grows and blue shrinks by `shift` pixels at the corners (lateral aberration)."""

    shift: float

    def apply(self, image: RGB) -> RGB:
        """Scale red and blue about the middle; green, which labels follow, stays."""
        height, width = image.shape[:2]
        reach = np.hypot(height, width) / 2
        channels = list(cv2.split(image))
        for channel, sign in ((0, 1), (2, -1)):
            scale = 1 + sign * self.shift / reach
            matrix = np.array([[scale, 0, (1 - scale) * (width - 1) / 2], [0, scale, (1 - scale) * (height - 1) / 2]])
            channels[channel] = cv2.warpAffine(
                channels[channel], matrix, (width, height), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
            )
        return cv2.merge(channels)


@dataclass(frozen=True, slots=True)
class Vignette(Photometric):
    """Light falls to 1 − `strength` at the corners, as cos⁴ does (Hecht, Optics, 5.2)."""

    strength: float

    def apply(self, image: RGB) -> RGB:
        """Multiply by the fall-off."""
        return cv2.multiply(image, _falloff(image.shape[0], image.shape[1], self.strength), dtype=cv2.CV_8U)


class DefocusRecipe(EffectRecipe):
    """Radius of the disc of confusion, pixels."""

    radius: Annotated[FloatRange, between(0, 20)] = FloatRange(min=0.5, max=1.5)

    def draw(self, rng: np.random.Generator) -> Defocus:
        """Draw one disc."""
        return Defocus(round(self.radius.draw(rng), 3))


class ChromaticAberrationRecipe(EffectRecipe):
    """Shift at the corners, pixels."""

    shift: Annotated[FloatRange, between(-10, 10)] = FloatRange(min=-1.0, max=1.0)

    def draw(self, rng: np.random.Generator) -> ChromaticAberration:
        """Draw one shift."""
        return ChromaticAberration(round(self.shift.draw(rng), 3))


class VignetteRecipe(EffectRecipe):
    """Loss of light at the corners."""

    strength: Annotated[FloatRange, between(0, 1)] = FloatRange(min=0.1, max=0.4)

    def draw(self, rng: np.random.Generator) -> Vignette:
        """Draw one fall-off."""
        return Vignette(round(self.strength.draw(rng), 3))


def _disc(radius: float) -> np.ndarray:
    reach = int(np.ceil(radius))
    side = np.arange(-reach, reach + 1)
    disc = np.clip(radius + 0.5 - np.hypot(side[None], side[:, None]), 0, 1).astype(np.float32)
    disc /= disc.sum()
    return disc


def _falloff(height: int, width: int, strength: float) -> np.ndarray:
    gain = 1 - np.float32(strength) * _unit_falloff(height, width)
    return cv2.merge([gain] * 3)


@lru_cache(maxsize=4)
def _unit_falloff(height: int, width: int) -> np.ndarray:
    """Return the loss by cos⁴ for a half-diagonal field of 45 degrees, scaled to 1 at the corners."""
    x = (np.arange(width, dtype=np.float32) + 0.5 - width / 2)[None]
    y = (np.arange(height, dtype=np.float32) + 0.5 - height / 2)[:, None]
    tangent = (x * x + y * y) / ((width / 2) ** 2 + (height / 2) ** 2)
    loss = 1 - 1 / (1 + tangent) ** 2
    unit: np.ndarray = (loss / 0.75).astype(np.float32)
    return unit
