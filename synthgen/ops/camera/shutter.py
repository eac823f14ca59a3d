"""Shutter: blur by the camera's motion. The rolling shutter's skew moves pixels and is in `geometry.py`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

import cv2
import numpy as np

from synthgen.core.ranges import FloatRange, between
from synthgen.core.types import RGB
from synthgen.ops.camera.effect import EffectRecipe, Photometric
from synthgen.ops.kernels import motion_kernel

__all__ = ["MotionBlur", "MotionBlurRecipe"]


@dataclass(frozen=True, slots=True)
class MotionBlur(Photometric):
    """A straight streak of `length` pixels at `angle` degrees, counter-clockwise."""

    length: float
    angle: float

    def apply(self, image: RGB) -> RGB:
        """Convolve with the streak."""
        return cv2.filter2D(image, -1, motion_kernel(self.length, self.angle), borderType=cv2.BORDER_REFLECT_101)


class MotionBlurRecipe(EffectRecipe):
    """Length and direction of the streak.

    Attributes:
        length: Of the streak, pixels.
        angle: Degrees, counter-clockwise.
    """

    length: Annotated[FloatRange, between(1, 50)] = FloatRange(min=1.5, max=4)
    angle: Annotated[FloatRange, between(-360, 360)] = FloatRange(min=0, max=180)

    def draw(self, rng: np.random.Generator) -> MotionBlur:
        """Draw one streak."""
        return MotionBlur(round(self.length.draw(rng), 3), round(self.angle.draw(rng), 2))
