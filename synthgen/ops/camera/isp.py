"""Image signal processor: white balance, gamma, denoising smear, sharpening halo."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Annotated

import cv2
import numpy as np

from synthgen.core.ranges import FloatRange, between
from synthgen.core.types import RGB
from synthgen.ops.camera.effect import EffectRecipe, Photometric
from synthgen.ops.srgb import DECODE, encode_srgb

__all__ = [
    "Denoise",
    "DenoiseRecipe",
    "Gamma",
    "GammaRecipe",
    "Sharpen",
    "SharpenRecipe",
    "WhiteBalance",
    "WhiteBalanceRecipe",
]


@dataclass(frozen=True, slots=True)
class WhiteBalance(Photometric):
    """Gains of `red` and `blue` in linear light, green unchanged (von Kries 1902)."""

    red: float
    blue: float

    def apply(self, image: RGB) -> RGB:
        """Multiply red and blue."""
        tables = np.stack([encode_srgb(DECODE * np.float32(gain)) for gain in (self.red, 1.0, self.blue)], axis=1)
        return cv2.LUT(image, tables[None])


@dataclass(frozen=True, slots=True)
class Gamma(Photometric):
    """Codes to the power of `exponent`; below 1 lifts the shadows."""

    exponent: float

    def apply(self, image: RGB) -> RGB:
        """Bend the curve."""
        table = np.rint(255 * (np.arange(256) / 255) ** self.exponent).astype(np.uint8)
        return cv2.LUT(image, table)


@dataclass(frozen=True, slots=True)
class Denoise(Photometric):
    """A bilateral filter that takes differences below about `strength` codes for noise (Tomasi and Manduchi 1998)."""

    strength: float

    def apply(self, image: RGB) -> RGB:
        """Smooth within edges."""
        return cv2.bilateralFilter(image, 5, self.strength, 2.0)


@dataclass(frozen=True, slots=True)
class Sharpen(Photometric):
    """Unsharp mask: the difference to a Gaussian of `sigma` pixels, added `amount` times; leaves halos."""

    amount: float
    sigma: float

    def apply(self, image: RGB) -> RGB:
        """Add the difference."""
        side = 2 * math.ceil(2 * self.sigma) + 1  # beyond two deviations next to nothing is left
        blurred = cv2.GaussianBlur(image, (side, side), self.sigma)
        return cv2.addWeighted(image, 1 + self.amount, blurred, -self.amount, 0)


class WhiteBalanceRecipe(EffectRecipe):
    """Gains of red and blue.

    Attributes:
        red: Gain of red in linear light.
        blue: Gain of blue.
    """

    red: Annotated[FloatRange, between(0.2, 5)] = FloatRange(min=0.85, max=1.2)
    blue: Annotated[FloatRange, between(0.2, 5)] = FloatRange(min=0.85, max=1.2)

    def draw(self, rng: np.random.Generator) -> WhiteBalance:
        """Draw both gains."""
        return WhiteBalance(round(self.red.draw(rng), 4), round(self.blue.draw(rng), 4))


class GammaRecipe(EffectRecipe):
    """Exponent of the codes."""

    exponent: Annotated[FloatRange, between(0.2, 5)] = FloatRange(min=0.8, max=1.25)

    def draw(self, rng: np.random.Generator) -> Gamma:
        """Draw one curve."""
        return Gamma(round(self.exponent.draw(rng), 4))


class DenoiseRecipe(EffectRecipe):
    """Strength in codes."""

    strength: Annotated[FloatRange, between(0.1, 150)] = FloatRange(min=10, max=40)

    def draw(self, rng: np.random.Generator) -> Denoise:
        """Draw one strength."""
        return Denoise(round(self.strength.draw(rng), 2))


class SharpenRecipe(EffectRecipe):
    """Strength and width of the halo.

    Attributes:
        amount: How often the difference is added.
        sigma: Width of the Gaussian, pixels.
    """

    amount: Annotated[FloatRange, between(0, 5)] = FloatRange(min=0.2, max=0.8)
    sigma: Annotated[FloatRange, between(0.3, 5)] = FloatRange(min=0.7, max=1.2)

    def draw(self, rng: np.random.Generator) -> Sharpen:
        """Draw one halo."""
        return Sharpen(round(self.amount.draw(rng), 3), round(self.sigma.draw(rng), 3))
