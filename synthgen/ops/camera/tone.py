"""Tone of the whole picture: exposure, contrast, saturation, black and white."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

import cv2
import numpy as np

from synthgen.core.ranges import FloatRange, RatioRange, between
from synthgen.core.types import RGB
from synthgen.ops.camera.effect import EffectRecipe, Photometric
from synthgen.ops.srgb import DECODE, encode_srgb

__all__ = [
    "Contrast",
    "ContrastRecipe",
    "Exposed",
    "ExposedRecipe",
    "Grey",
    "GreyRecipe",
    "Saturation",
    "SaturationRecipe",
]

LUMA = np.array([0.299, 0.587, 0.114], dtype=np.float32)  # weights of ITU-R BT.601, which cv2's grey has, too


@dataclass(frozen=True, slots=True)
class Exposed(Photometric):
    """Light times `gain`, below or above 1; what is beyond white is lost."""

    gain: float

    def apply(self, image: RGB) -> RGB:
        """Multiply linear light."""
        return cv2.LUT(image, encode_srgb(DECODE * np.float32(self.gain)))


@dataclass(frozen=True, slots=True)
class Contrast(Photometric):
    """Distances of codes from the picture's mean grey, times `factor`."""

    factor: float

    def apply(self, image: RGB) -> RGB:
        """Spread or gather the codes."""
        mean = float(np.dot(cv2.mean(image)[:3], LUMA))
        table = np.clip(np.rint(mean + self.factor * (np.arange(256) - mean)), 0, 255).astype(np.uint8)
        return cv2.LUT(image, table)


@dataclass(frozen=True, slots=True)
class Saturation(Photometric):
    """Distances of the channels from the pixel's own grey, times `factor`; 0 is grey."""

    factor: float

    def apply(self, image: RGB) -> RGB:
        """Spread or gather the channels."""
        weights = np.float32(1 - self.factor) * np.tile(LUMA, (3, 1)) + np.float32(self.factor) * np.eye(3)
        return cv2.transform(image, weights.astype(np.float32))


@dataclass(frozen=True, slots=True)
class Grey(Photometric):
    """A black and white picture; has no numbers."""

    def apply(self, image: RGB) -> RGB:
        """Return grey in three channels."""
        return cv2.cvtColor(cv2.cvtColor(image, cv2.COLOR_RGB2GRAY), cv2.COLOR_GRAY2RGB)


class ExposedRecipe(EffectRecipe):
    """Gain of linear light; as often below the middle of its logarithm as above."""

    gain: Annotated[RatioRange, between(0.02, 50)] = RatioRange(min=0.5, max=2)

    def draw(self, rng: np.random.Generator) -> Exposed:
        """Draw one gain."""
        return Exposed(round(self.gain.draw(rng), 4))


class ContrastRecipe(EffectRecipe):
    """Factor of the distances."""

    factor: Annotated[FloatRange, between(0, 5)] = FloatRange(min=0.7, max=1.3)

    def draw(self, rng: np.random.Generator) -> Contrast:
        """Draw one factor."""
        return Contrast(round(self.factor.draw(rng), 4))


class SaturationRecipe(EffectRecipe):
    """Factor of the distances."""

    factor: Annotated[FloatRange, between(0, 5)] = FloatRange(min=0.4, max=1.5)

    def draw(self, rng: np.random.Generator) -> Saturation:
        """Draw one factor."""
        return Saturation(round(self.factor.draw(rng), 4))


class GreyRecipe(EffectRecipe):
    """Nothing to choose but how often."""

    def draw(self, rng: np.random.Generator) -> Grey:
        """Return the effect."""
        return Grey()
