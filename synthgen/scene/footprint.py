"""`Footprint`: the part of the frame that an object takes up, as the convex hull that the plan knows of it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import cv2
import numpy as np
from jaxtyping import Float64

from synthgen.core.geometry import bounds
from synthgen.core.types import Size
from synthgen.scene.pose import Pose

__all__ = ["Footprint"]


@dataclass(frozen=True)
class Footprint:
    """The convex hull of an object that has a pose.

    Attributes:
        pose: Of the object.
        hull: Vertices (x, y) in the frame's coordinates.
    """

    pose: Pose
    hull: Float64[np.ndarray, "n 2"]

    @cached_property
    def polygon(self) -> np.ndarray:
        """The hull as OpenCV wants it, float32."""
        return self.hull.astype(np.float32)

    @cached_property
    def area(self) -> float:
        """Area of the hull in square pixels."""
        return float(cv2.contourArea(self.polygon))

    @cached_property
    def bounds(self) -> tuple[float, float, float, float]:
        """(x0, y0, x1, y1) of the hull."""
        return bounds(self.hull)

    def overlap(self, other: Footprint) -> float:
        """Area shared with another hull, in square pixels."""
        here, there = self.bounds, other.bounds
        if here[0] >= there[2] or there[0] >= here[2] or here[1] >= there[3] or there[1] >= here[3]:
            return 0.0
        area, _ = cv2.intersectConvexConvex(self.polygon, other.polygon)
        return float(area)

    def inside(self, size: Size) -> float:
        """Area within the frame, in square pixels."""
        x0, y0, x1, y1 = self.bounds
        if x0 >= 0 and y0 >= 0 and x1 <= size[1] and y1 <= size[0]:
            return self.area
        height, width = size
        frame = np.array([[0, 0], [width, 0], [width, height], [0, height]], dtype=np.float32)
        area, _ = cv2.intersectConvexConvex(self.polygon, frame)
        return float(area)
