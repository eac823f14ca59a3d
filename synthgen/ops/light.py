"""Light of an object's own: gain, gamma, contrast, tint, grey, whatever the scene behind it.

Harmonisers pull an object towards its scene. A photograph also shows black guns in bright rooms, and guns under a
lamp of their own; this op changes the object's pixels before any harmoniser sees them. Coverage never changes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any

import cv2
import numpy as np
from pydantic import Field

from synthgen.core.config import Model
from synthgen.core.ranges import FloatRange, RatioRange, between
from synthgen.core.types import RGBA
from synthgen.ops.choice import frozen
from synthgen.ops.premultiplied import premultiply, recolour, straight_colour
from synthgen.ops.srgb import DECODE, encode_srgb

__all__ = ["Light", "LightRecipe"]

Factor = Annotated[RatioRange, between(0.02, 50)]
LUMA = (0.299, 0.587, 0.114)  # ITU-R BT.601


@dataclass(frozen=True, slots=True)
class Light:
    """What is done to an object's colours, in this order.

    Attributes:
        grey: Turned grey.
        gamma: Exponent of the codes; below 1 lifts what is dark.
        contrast: Factor of the codes' distances from the object's mean.
        gain: Factor of its linear light.
        tint: Factors of red, green and blue of its linear light.
    """

    grey: bool
    gamma: float
    contrast: float
    gain: float
    tint: tuple[float, float, float]

    def apply(self, layer: RGBA) -> RGBA:
        """Return premultiplied `layer` in this light; its alpha is the same."""
        if self.grey:
            shades = cv2.cvtColor(straight_colour(layer), cv2.COLOR_RGB2GRAY)
            layer = premultiply(cv2.cvtColor(shades, cv2.COLOR_GRAY2RGB), layer)
        codes = 255 * (np.arange(256) / 255) ** self.gamma
        if self.contrast != 1:
            mean = _mean(layer, codes)
            codes = mean + self.contrast * (codes - mean)
        light = DECODE[np.clip(np.rint(codes), 0, 255).astype(np.uint8)]
        return recolour(layer, encode_srgb(light[:, None] * np.float32(self.gain) * np.array(self.tint, np.float32)))

    def to_json(self) -> dict[str, Any]:
        """Return the numbers by name."""
        return {name: getattr(self, name) for name in self.__slots__}

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> Light:
        """Rebuild what `to_json` wrote."""
        return cls(**{name: frozen(entry) for name, entry in value.items()})


class LightRecipe(Model):
    """How often objects of any kind have a light of their own, and which.

    Attributes:
        probability: Share of objects of any kind.
        gain: Factor of linear light, log-uniform: as often darker as brighter about the middle of its logarithm.
        gamma: Exponent of the codes, log-uniform; below 1 lifts what is dark.
        contrast: Factor of the codes' distances from the object's own mean.
        tint: Factors of red, green and blue of linear light, each drawn alone, log-uniform.
        grey: Share of these objects that turn grey before the tint.
    """

    probability: float = Field(default=0.0, ge=0, le=1)
    gain: Factor = RatioRange(min=0.4, max=2.5)
    gamma: Factor = RatioRange(min=0.8, max=1.25)
    contrast: Annotated[FloatRange, between(0, 5)] = FloatRange(min=0.7, max=1.3)
    tint: Factor = RatioRange(min=0.9, max=1.1)
    grey: float = Field(default=0.1, ge=0, le=1)

    def draw(self, rng: np.random.Generator) -> Light | None:
        """Draw the light of one object; None for as it is."""
        lit = rng.random() < self.probability
        gain, gamma = self.gain.draw(rng), self.gamma.draw(rng)
        contrast = self.contrast.draw(rng)
        red, green, blue = (round(self.tint.draw(rng), 4) for _ in range(3))
        grey = bool(rng.random() < self.grey)
        return Light(grey, round(gamma, 4), round(contrast, 4), round(gain, 4), (red, green, blue)) if lit else None


def _mean(layer: RGBA, codes: np.ndarray) -> float:
    """Return the mean grey of an object whose codes become `codes`, each pixel as heavy as its coverage."""
    weight = layer[:, :, 3].astype(np.float64)
    total = float(weight.sum())
    if not total:
        return 0.0
    grey = codes[straight_colour(layer)] @ np.array(LUMA)
    return float((grey * weight).sum() / total)
