"""`relight`: a gentle gradient over the cutout, bright towards the brightest side of its surroundings."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from synthgen.core.types import RGB, RGBA, Coverage
from synthgen.ops.harmonize.strength import StrengthRecipe
from synthgen.ops.premultiplied import premultiply, straight_colour

__all__ = ["Relight", "RelightRecipe"]


@dataclass(frozen=True, slots=True)
class Relight:
    """Brightness from 1 − `strength` on the dark side to 1 + `strength` on the bright one."""

    strength: float

    def apply(self, layer: RGBA, mask: Coverage, below: RGB) -> RGBA:
        """Return `layer` (premultiplied) with the gradient laid over it."""
        height, width = mask.shape
        if not mask.any() or min(height, width) < 2:
            return layer
        x, y = np.linspace(-1, 1, width, dtype=np.float32), np.linspace(-1, 1, height, dtype=np.float32)
        light = cv2.cvtColor(below, cv2.COLOR_RGB2GRAY).astype(np.float32)
        light -= cv2.mean(light)[0]
        direction = np.array(
            [cv2.reduce(light, 0, cv2.REDUCE_AVG)[0] @ x, cv2.reduce(light, 1, cv2.REDUCE_AVG)[:, 0] @ y]
        )
        direction /= [width, height]
        length = float(np.hypot(*direction))
        if length < 1e-3:
            return layer
        toward = (direction[0] * x[None] + direction[1] * y[:, None]) / length
        gain = np.clip(1 + self.strength * toward, 0, 2).astype(np.float32)
        return premultiply(cv2.multiply(straight_colour(layer), cv2.merge([gain] * 3), dtype=cv2.CV_8U), layer)


class RelightRecipe(StrengthRecipe):
    """How steep the gradient is."""

    def draw(self, rng: np.random.Generator) -> Relight:
        """Draw one gradient."""
        return Relight(self.draw_strength(rng))
