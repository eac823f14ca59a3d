"""The colour distortion of SSD (Liu et al. 2016), as its detectors and segmenters of today have it; not of its crops.

No library has these ranges in this order: torchvision's `RandomPhotometricDistort` scales brightness, and changes
saturation and hue without 8 bits between them. `augment: ssd` mirrors half of the pictures as well, on the device.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from synthgen.core.picture import Truth
from synthgen.core.types import RGB

__all__ = ["Distortion", "PhotometricDistortion", "drawn_distortion"]

BRIGHTNESS = 32.0  # at most, of 255, either way
GAIN = (0.5, 1.5)  # of contrast and saturation
HUE = 18  # at most, of 180, either way


@dataclass(frozen=True, slots=True)
class Distortion:
    """What is done to one picture; None: nothing of the kind.

    Attributes:
        brightness: Added, −32–32.
        contrast: Factor, 0.5–1.5.
        saturation: Factor, 0.5–1.5.
        hue: Added, −18–18 in units of two degrees.
        contrast_first: Whether contrast comes before saturation and hue, or after them.
    """

    brightness: float | None = None
    contrast: float | None = None
    saturation: float | None = None
    hue: int | None = None
    contrast_first: bool = True

    def __call__(self, image: RGB) -> RGB:
        """Return the picture with its colours changed; after each step they are whole numbers of 0–255."""
        if self.brightness is not None:
            image = _scaled(image, 1.0, self.brightness)
        if self.contrast_first:
            return self._coloured(self._contrasted(image))
        return self._contrasted(self._coloured(image))

    def _contrasted(self, image: RGB) -> RGB:
        return image if self.contrast is None else _scaled(image, self.contrast, 0.0)

    def _coloured(self, image: RGB) -> RGB:
        if self.saturation is not None:
            hsv = cv2.cvtColor(image, cv2.COLOR_RGB2HSV)
            hsv[..., 1] = _scaled(hsv[..., 1], self.saturation, 0.0)
            image = cv2.cvtColor(hsv, cv2.COLOR_HSV2RGB).astype(np.uint8)
        if self.hue is not None:
            hsv = cv2.cvtColor(image, cv2.COLOR_RGB2HSV)
            hsv[..., 0] = (hsv[..., 0].astype(np.int16) + self.hue) % 180
            image = cv2.cvtColor(hsv, cv2.COLOR_HSV2RGB).astype(np.uint8)
        return image


def drawn_distortion(rng: np.random.Generator) -> Distortion:
    """Draw each step with probability one half, and the order by the toss of a coin."""
    values = (rng.uniform(-BRIGHTNESS, BRIGHTNESS), rng.uniform(*GAIN), rng.uniform(*GAIN))
    brightness, contrast, saturation, hue, contrast_first = (bool(side) for side in rng.integers(0, 2, 5))
    turn = int(rng.integers(-HUE, HUE, endpoint=True))
    return Distortion(
        values[0] if brightness else None,
        values[1] if contrast else None,
        values[2] if saturation else None,
        turn if hue else None,
        contrast_first,
    )


class PhotometricDistortion:
    """Distorts the colours of one picture as it is loaded; draws from (seed, epoch, row)."""

    def __init__(self, seed: int) -> None:
        """Set the seed."""
        self._seed = seed

    def __call__(self, image: RGB, truth: Truth, epoch: int, row: int) -> Truth:
        """Distort in place; the truth stays."""
        rng = np.random.default_rng(np.random.SeedSequence((self._seed, epoch, row), spawn_key=(3,)))
        image[:] = drawn_distortion(rng)(image)
        return truth


def _scaled(values: np.ndarray, gain: float, offset: float) -> np.ndarray:
    """Return values · gain + offset within 0–255, fractions cut off: uint8."""
    found: np.ndarray = np.clip(values.astype(np.float32) * gain + offset, 0, 255).astype(np.uint8)
    return found
