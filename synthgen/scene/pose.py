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
        stretch: Width-to-height factor r of the whole picture, above 0: what has been turned is then squeezed by
            1/√r across and stretched by √r down, as if a picture of r times the frame's aspect had been fitted in.
        aspect: Width-to-height factor of the object itself before it is turned, above 0; keeps its area.
        shear: Of the object itself before that: its rows move sideways by so much of their height.
    """

    scale: float
    rotation: float
    flip: bool
    center: tuple[float, float]
    stretch: float = 1.0
    aspect: float = 1.0
    shear: float = 0.0

    @property
    def linear(self) -> Float64[np.ndarray, "2 2"]:
        """The map from source pixels to frame pixels, about the middle."""
        across, down = self.stretch**-0.5, self.stretch**0.5
        turned: np.ndarray = rotation_scale_flip(self.rotation, self.scale, self.flip) * [[across], [down]]
        return turned if self.upright else turned @ self._skew

    @property
    def upright(self) -> bool:
        """Whether the object has the shape of its source."""
        return self.aspect == 1 and self.shear == 0

    @property
    def _skew(self) -> Float64[np.ndarray, "2 2"]:
        across, down = self.aspect**0.5, self.aspect**-0.5
        return np.array([[across, across * self.shear], [0.0, down]])

    @property
    def reduction(self) -> tuple[float, float]:
        """Source pixels to one frame pixel, along the frame's x axis and along its y axis."""
        if self.upright:
            return 1.0 / self.scale * self.stretch**0.5, 1.0 / self.scale * self.stretch**-0.5
        across, down = np.linalg.norm(np.linalg.inv(self.linear), axis=0).tolist()
        return across, down
