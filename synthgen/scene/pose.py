"""`Pose`: where an object is, how large it is, and how it is turned."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float64

from synthgen.core.geometry import rotation_scale_flip

__all__ = ["Pose"]


@dataclass(frozen=True, slots=True)
class Pose:
    """An object's place in the frame.

    Attributes:
        scale: Output pixels per pixel of the source.
        rotation: Degrees, counter-clockwise.
        flip: Mirrored left-right before turning.
        center: (x, y) of the source's middle, frame pixels.
    """

    scale: float
    rotation: float
    flip: bool
    center: tuple[float, float]

    @property
    def linear(self) -> Float64[np.ndarray, "2 2"]:
        """The map from source pixels to frame pixels, about the middle."""
        return rotation_scale_flip(self.rotation, self.scale, self.flip)
