"""A frame fitted into another size, there and back: letterboxed (scaled, centred on black), or stretched over it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import cv2
import numpy as np
from jaxtyping import Float32

from synthgen.core.types import Coverage, Size

__all__ = ["FITS", "Fit", "Letterbox", "Stretch", "fit_into"]

Fit = Literal["letterbox", "stretch"]


@dataclass(frozen=True, slots=True)
class Letterbox:
    """Where a frame lies within a size.

    Attributes:
        frame: (height, width) of the frame.
        size: (height, width) that it is fitted into.
    """

    frame: Size
    size: Size

    @property
    def scale(self) -> float:
        """Length within `size` over length in the frame."""
        return min(self.size[0] / self.frame[0], self.size[1] / self.frame[1])

    @property
    def inner(self) -> Size:
        """(height, width) of the frame within `size`, at least 1."""
        return max(1, round(self.frame[0] * self.scale)), max(1, round(self.frame[1] * self.scale))

    @property
    def corner(self) -> tuple[int, int]:
        """(top, left) of the frame within `size`."""
        return (self.size[0] - self.inner[0]) // 2, (self.size[1] - self.inner[1]) // 2

    def put(self, pixels: np.ndarray) -> np.ndarray:
        """Return uint8 pixels (h, w, …) of the frame as they lie within `size`; masks (bool) stay bool."""
        if self.frame == self.size:
            return pixels
        interpolation = cv2.INTER_AREA if self.scale < 1 else cv2.INTER_LINEAR
        source = pixels.astype(np.uint8) * 255 if pixels.dtype == np.bool_ else pixels
        canvas = np.zeros((*self.size, *pixels.shape[2:]), dtype=np.uint8)
        canvas[self._window] = cv2.resize(source, self.inner[::-1], interpolation=interpolation)
        return canvas >= 128 if pixels.dtype == np.bool_ else canvas

    def cut(self, values: Float32[np.ndarray, "k h w"]) -> Float32[np.ndarray, "k inner_h inner_w"]:
        """Return maps over `size` without what lies beside the frame."""
        return values[:, *self._window]

    def boxes_back(self, xyxy: Float32[np.ndarray, "n 4"]) -> Float32[np.ndarray, "n 4"]:
        """Return boxes in pixels of `size` as boxes in pixels of the frame, cut at its edge."""
        top, left = self.corner
        ratio = [self.frame[1] / self.inner[1], self.frame[0] / self.inner[0]] * 2
        moved = (xyxy - np.array([left, top] * 2)) * np.array(ratio)
        clipped: np.ndarray = np.clip(moved, 0, [*self.frame[::-1]] * 2).astype(np.float32)
        return clipped

    @property
    def _window(self) -> tuple[slice, slice]:
        (top, left), (height, width) = self.corner, self.inner
        return slice(top, top + height), slice(left, left + width)


@dataclass(frozen=True, slots=True)
class Stretch(Letterbox):
    """A frame that fills the other size, whatever becomes of its shape."""

    @property
    def inner(self) -> Size:
        """The whole size."""
        return self.size


FITS: dict[Fit, type[Letterbox]] = {"letterbox": Letterbox, "stretch": Stretch}


def fit_into(pixels: np.ndarray | Coverage, size: Size) -> np.ndarray:
    """Scale to fit into `size` and centre on black; masks (bool) stay bool."""
    return Letterbox((pixels.shape[0], pixels.shape[1]), size).put(pixels)
