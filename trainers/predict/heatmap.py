"""What a predictor of pixels sees in a frame: a map of probabilities at some resolution, and the parts in it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from jaxtyping import Float32

from synthgen.core.picture import Boxes
from synthgen.core.types import Size
from trainers.config.operating_point import OperatingPoint
from trainers.predict.foreground import foreground
from trainers.predict.parts import Parts, find_parts

__all__ = ["Heatmap"]


@dataclass(frozen=True, slots=True, eq=False)
class Heatmap:
    """Probabilities over a whole frame.

    Attributes:
        values: Of each category, 0–1 (k, h, w), at the resolution of the network.
        frame: (height, width) of the frame itself.
        seen: (height, width), in pixels of `values`, of what the network saw at once: all of it, or a tile.
    """

    values: Float32[np.ndarray, "k h w"]
    frame: Size
    seen: Size

    def full(self) -> Float32[np.ndarray, "k height width"]:
        """Return the probabilities for every pixel of the frame."""
        height, width = self.frame
        if self.values.shape[1:] == self.frame:
            return self.values
        return np.stack([cv2.resize(value, (width, height), interpolation=cv2.INTER_LINEAR) for value in self.values])

    def parts(self, point: OperatingPoint, categories: Sequence[str] | None = None) -> Parts:
        """Return the parts with boxes and areas in pixels of the frame; None: of any category, without a name."""
        if categories is None:
            return self.on_frame(find_parts(foreground(self.values)[None], point, frame=self.seen))
        return self.on_frame(find_parts(self.values, point, frame=self.seen, categories=categories))

    def on_frame(self, found: Parts) -> Parts:
        """Return parts in pixels of `values` as they lie on the frame."""
        down, across = (own / side for own, side in zip(self.frame, self.values.shape[1:], strict=True))
        boxes = Boxes.of(found.boxes.xyxy * [across, down, across, down], found.boxes.categories, found.boxes.scores)
        return Parts(boxes, tuple(round(area * down * across) for area in found.areas))
