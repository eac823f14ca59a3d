"""Sensor: low light, infrared, shot and read noise, hot pixels."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

import cv2
import numpy as np
from pydantic import Field

from synthgen.compiled.noise import add_noise
from synthgen.core.ranges import CountRange, FloatRange, between
from synthgen.core.types import RGB
from synthgen.ops.camera.effect import EffectRecipe, Photometric
from synthgen.ops.noise_fields import FIELD_SIDE, TABLE_ROWS, noise_field, uniform_rows
from synthgen.ops.srgb import DECODE, encode_srgb

__all__ = [
    "HotPixels",
    "HotPixelsRecipe",
    "Infrared",
    "InfraredRecipe",
    "LowLight",
    "LowLightRecipe",
    "SensorNoise",
    "SensorNoiseRecipe",
]


@dataclass(frozen=True, slots=True)
class LowLight(Photometric):
    """Only `exposure` of the light arrives, 0–1."""

    exposure: float

    def apply(self, image: RGB) -> RGB:
        """Multiply linear light."""
        return cv2.LUT(image, encode_srgb(DECODE * np.float32(self.exposure)))


@dataclass(frozen=True, slots=True)
class Infrared(Photometric):
    """One channel from all three, weighted as silicon sees under lamps of 850 nm: `red`, rest shared."""

    red: float

    def apply(self, image: RGB) -> RGB:
        """Return grey in three channels."""
        rest = (1 - self.red) / 2
        weights = np.array([[self.red, rest, rest]], dtype=np.float32)
        return cv2.cvtColor(cv2.transform(image, weights), cv2.COLOR_GRAY2RGB)


@dataclass(frozen=True, slots=True)
class SensorNoise(Photometric):
    """Variance gain · light + read², light 0–1 (EMVA 1288), taken through the sRGB curve to first order.

    The noise is the field's window at (`x`, `y`); `mono` repeats one channel.
    """

    gain: float
    read: float
    x: int
    y: int
    mono: bool

    def apply(self, image: RGB) -> RGB:
        """Add the noise."""
        deviation = np.sqrt(np.float32(self.gain) * DECODE + np.float32(self.read**2)) * _SLOPE
        return add_noise(image, deviation.astype(np.float32), noise_field(), self.x, self.y, self.mono)


@dataclass(frozen=True, slots=True)
class HotPixels(Photometric):
    """`count` stuck pixels, bright, at places of a fixed table."""

    count: int
    first: int

    def apply(self, image: RGB) -> RGB:
        """Set the pixels."""
        rows = uniform_rows(self.first, self.count)
        marked = image.copy()
        height, width = image.shape[:2]
        y, x = (rows[:, 0] * height).astype(int), (rows[:, 1] * width).astype(int)
        marked[y, x] = np.maximum(marked[y, x], (128 + rows[:, 2:] * 127).astype(np.uint8))
        return marked


class LowLightRecipe(EffectRecipe):
    """Share of the light that arrives."""

    exposure: Annotated[FloatRange, between(0.001, 1)] = FloatRange(min=0.2, max=0.6)

    def draw(self, rng: np.random.Generator) -> LowLight:
        """Draw one exposure."""
        return LowLight(round(self.exposure.draw(rng), 4))


class InfraredRecipe(EffectRecipe):
    """Weight of the red channel."""

    red: Annotated[FloatRange, between(0, 1)] = FloatRange(min=0.4, max=0.8)

    def draw(self, rng: np.random.Generator) -> Infrared:
        """Draw one weighting."""
        return Infrared(round(self.red.draw(rng), 3))


class SensorNoiseRecipe(EffectRecipe):
    """Shot noise by gain and read noise, both 0–1 of full scale; `mono` is the share of grey noise.

    Attributes:
        gain: Variance of shot noise for each unit of light, full scale being 1.
        read: Standard deviation of read noise, full scale being 1.
        mono: Share of pictures whose noise is grey.
    """

    gain: Annotated[FloatRange, between(0, 1)] = FloatRange(min=0.0002, max=0.002)
    read: Annotated[FloatRange, between(0, 1)] = FloatRange(min=0.001, max=0.006)
    mono: float = Field(default=0.0, ge=0, le=1)

    def draw(self, rng: np.random.Generator) -> SensorNoise:
        """Draw strengths and the place in the field."""
        gain, read = round(self.gain.draw(rng), 6), round(self.read.draw(rng), 6)
        x, y = (int(value) for value in rng.integers(FIELD_SIDE, size=2))
        return SensorNoise(gain, read, x, y, bool(rng.random() < self.mono))


class HotPixelsRecipe(EffectRecipe):
    """How many pixels."""

    count: CountRange = CountRange(min=1, max=12)

    def draw(self, rng: np.random.Generator) -> HotPixels:
        """Draw number and place in the table."""
        return HotPixels(self.count.draw(rng), int(rng.integers(TABLE_ROWS)))


def _slope() -> np.ndarray:
    """Return d(code)/d(light) of the sRGB curve at each code, float32 (256,)."""
    light = DECODE.astype(np.float64)
    curved = 1.055 / 2.4 * np.maximum(light, 0.0031308) ** (1 / 2.4 - 1)
    slope: np.ndarray = (255 * np.where(light <= 0.0031308, 12.92, curved)).astype(np.float32)
    return slope


_SLOPE = _slope()
