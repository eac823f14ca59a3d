"""`Boxes`: where objects are seen in pictures, whether those are real or planned."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from jaxtyping import Bool, Float64, Int64

__all__ = ["EDGE", "Boxes"]

EDGE = 0.005  # of a side of the picture: what ends as near to its edge touches it, as hands draw no box to the pixel


@dataclass(frozen=True)
class Boxes:
    """Boxes of many pictures, which are all squeezed into frames of one shape.

    Attributes:
        xyxy: x0, y0, x1, y1 as fractions of the picture's width and height, 0–1: the part that is seen.
        touches: Whether a box touches the left, upper, right and lower edge.
        counts: Boxes in each picture.
        aspect: Width over height of the frame.
    """

    xyxy: Float64[np.ndarray, "n 4"]
    touches: Bool[np.ndarray, "n 4"]
    counts: Int64[np.ndarray, " pictures"]
    aspect: float

    @cached_property
    def cut(self) -> Bool[np.ndarray, " n"]:
        """Whether a box touches any edge, so that it may have been larger than is seen."""
        cut: np.ndarray = self.touches.sum(axis=1) > 0
        return cut

    @cached_property
    def centres(self) -> Float64[np.ndarray, "n 2"]:
        """(x, y) as fractions of the frame."""
        centres: np.ndarray = (self.xyxy[:, :2] + self.xyxy[:, 2:]) / 2
        return centres

    @cached_property
    def sides(self) -> Float64[np.ndarray, "n 2"]:
        """(width, height) in heights of the frame."""
        sides: np.ndarray = (self.xyxy[:, 2:] - self.xyxy[:, :2]) * [self.aspect, 1.0]
        return sides

    @cached_property
    def lengths(self) -> Float64[np.ndarray, " n"]:
        """The longer side of each box, in heights of the frame."""
        longer: np.ndarray = self.sides.max(axis=1)
        return longer

    @cached_property
    def shapes(self) -> Float64[np.ndarray, " n"]:
        """Logarithm of width over height, as seen in the frame."""
        shapes: np.ndarray = np.log(self.sides[:, 0] / self.sides[:, 1])
        return shapes

    @cached_property
    def negatives(self) -> float:
        """Share of pictures without a box."""
        return float((self.counts == 0).mean())
