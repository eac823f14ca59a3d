"""`feather`: fade the edge inwards, so that no pixel outside the mask changes.

Coverage is multiplied by clip(d / (radius + 1), 0, 1). d is the distance to the nearest pixel outside
the mask (Borgefors 1986, as in `cv2.distanceTransform`), less 2 (1 − α) where the pixel's own coverage α is
partial: from one half, where the mask begins, to full coverage the fade rises without a step, so
slanted edges stay smooth. It lies inside the mask alone, as feathering must never move a label (law 3).
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from pydantic import model_validator

from synthgen.compiled.fade import faded
from synthgen.core.ranges import FloatRange
from synthgen.core.types import RGB, RGBA, Coverage
from synthgen.ops.blend.width import WidthRecipe

__all__ = ["Feather", "FeatherRecipe", "feather"]


@dataclass(frozen=True, slots=True)
class Feather:
    """A fade `radius` pixels deep."""

    radius: float

    @property
    def reach(self) -> int:
        """Pixels beyond the cutout that may change."""
        return 0

    def apply(self, layer: RGBA, mask: Coverage, below: RGB) -> RGBA:
        """Return `layer` (premultiplied) faded inwards from the edge of `mask`."""
        return feather(layer, mask, self.radius)


class FeatherRecipe(FloatRange, WidthRecipe):
    """Depth of the fade; above 0.

    Attributes:
        min: Least depth of the fade, above 0.
        max: Greatest depth.
    """

    min: float = 0.5
    max: float = 2.0

    @model_validator(mode="after")
    def _positive(self) -> FeatherRecipe:
        if self.min <= 0:
            raise ValueError(f"min {self.min} is not above 0; use the blend 'none' for no fade")
        self.check_share(self)
        return self

    def draw(self, rng: np.random.Generator, narrow: float = 0.0) -> Feather:  # type: ignore[override]
        """Draw the depth of one fade of an object whose narrow side has `narrow` pixels."""
        return Feather(round(self.in_pixels(float(rng.uniform(self.min, self.max)), narrow), 4))


def feather(layer: RGBA, mask: Coverage, radius: float) -> RGBA:
    """Fade premultiplied `layer` to nothing at the edge of `mask`.

    The array must reach one pixel beyond the mask on every side, as the compositor's layers do.
    """
    distance = cv2.distanceTransform(mask.view(np.uint8), cv2.DIST_L2, 3)
    new: RGBA = faded(layer, distance, 1.0 / (radius + 1.0))
    return new
