"""`gaussian`, `box`, `motion`: soften the edge with a filter of the coverage, on both sides of it.

Cut, Paste and Learn (Dwibedi, Misra and Hebert 2017) blurs the mask and lets the cutout's old
surroundings shine through. A cutout here has none, so colour is carried outwards instead
(`extend_colour`), and fully covered pixels keep their own.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

import cv2
import numpy as np
from pydantic import model_validator

from synthgen.core.config import Model
from synthgen.core.ranges import FloatRange, between
from synthgen.core.types import RGB, RGBA, Coverage
from synthgen.ops.blend.width import WidthRecipe
from synthgen.ops.kernels import motion_kernel
from synthgen.ops.premultiplied import extend_colour, pack

__all__ = ["BoxBlend", "BoxRecipe", "GaussianBlend", "GaussianRecipe", "MotionBlend", "MotionRecipe"]

MOST_SIGMA, MOST_LENGTH = 50, 100  # pixels


@dataclass(frozen=True, slots=True)
class GaussianBlend:
    """Coverage blurred by a Gaussian of `sigma` pixels."""

    sigma: float

    @property
    def reach(self) -> int:
        """Pixels beyond the cutout that may change."""
        return int(np.ceil(3 * self.sigma))

    def apply(self, layer: RGBA, mask: Coverage, below: RGB) -> RGBA:
        """Return `layer` (premultiplied) with blurred coverage."""
        side = 2 * self.reach + 1
        return pack(*extend_colour(layer, lambda pixels: cv2.GaussianBlur(pixels, (side, side), self.sigma)))


@dataclass(frozen=True, slots=True)
class BoxBlend:
    """Coverage averaged over a square of 2 · `radius` + 1 pixels."""

    radius: int

    @property
    def reach(self) -> int:
        """Pixels beyond the cutout that may change."""
        return self.radius

    def apply(self, layer: RGBA, mask: Coverage, below: RGB) -> RGBA:
        """Return `layer` (premultiplied) with averaged coverage."""
        side = 2 * self.radius + 1
        return pack(*extend_colour(layer, lambda pixels: cv2.blur(pixels, (side, side))))


@dataclass(frozen=True, slots=True)
class MotionBlend:
    """Coverage smeared along a line of `length` pixels at `angle` degrees."""

    length: float
    angle: float

    @property
    def reach(self) -> int:
        """Pixels beyond the cutout that may change."""
        return int(np.ceil(self.length / 2))

    def apply(self, layer: RGBA, mask: Coverage, below: RGB) -> RGBA:
        """Return `layer` (premultiplied) with smeared coverage."""
        kernel = motion_kernel(self.length, self.angle)
        return pack(*extend_colour(layer, lambda pixels: cv2.filter2D(pixels, -1, kernel)))


class GaussianRecipe(WidthRecipe):
    """Width of the Gaussian.

    Attributes:
        sigma: Standard deviation, pixels; or shares of the width.
    """

    sigma: Annotated[FloatRange, between(0, MOST_SIGMA, above=True)] = FloatRange(min=0.5, max=1.5)

    @model_validator(mode="after")
    def _sensible(self) -> GaussianRecipe:
        self.check_share(self.sigma)
        return self

    def draw(self, rng: np.random.Generator, narrow: float = 0.0) -> GaussianBlend:
        """Draw the width of one edge of an object whose narrow side has `narrow` pixels."""
        return GaussianBlend(round(min(self.in_pixels(self.sigma.draw(rng), narrow), MOST_SIGMA), 4))


class BoxRecipe(Model):
    """Half the side of the square.

    Attributes:
        radius: Half the side of the square, pixels; whole numbers are drawn.
    """

    radius: Annotated[FloatRange, between(1, 50)] = FloatRange(min=1, max=2)

    def draw(self, rng: np.random.Generator) -> BoxBlend:
        """Draw the square of one edge."""
        return BoxBlend(int(rng.integers(int(self.radius.min), int(self.radius.max) + 1)))


class MotionRecipe(WidthRecipe):
    """The streak.

    Attributes:
        length: Length of the streak: above 1 pixel; or shares of the width, which make one pixel at least.
        angle: Degrees, counter-clockwise.
    """

    length: Annotated[FloatRange, between(0, MOST_LENGTH, above=True)] = FloatRange(min=3, max=7)
    angle: Annotated[FloatRange, between(-360, 360)] = FloatRange(min=0, max=180)

    @model_validator(mode="after")
    def _sensible(self) -> MotionRecipe:
        self.check_share(self.length)
        if self.unit == "pixels" and self.length.min <= 1:
            raise ValueError(f"length {self.length.min:g} is not above 1 pixel, which would smear nothing")
        return self

    def draw(self, rng: np.random.Generator, narrow: float = 0.0) -> MotionBlend:
        """Draw the streak of one edge of an object whose narrow side has `narrow` pixels."""
        length = min(max(self.in_pixels(self.length.draw(rng), narrow), 1.0), MOST_LENGTH)
        return MotionBlend(round(length, 4), round(self.angle.draw(rng), 2))
