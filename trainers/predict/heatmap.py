"""What a predictor of pixels sees in a frame: a map of probabilities at some resolution, and the parts in it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np
from jaxtyping import Float32

from synthgen.core.geometry import encode_rle
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

    def parts(self, point: OperatingPoint, categories: Sequence[str] | None = None, *, masks: bool = False) -> Parts:
        """Return the parts with boxes and areas in pixels of the frame.

        Args:
            point: What is a part, and which count.
            categories: Names of the maps; None: parts are of any category, without a name.
            masks: Whether the boxes know the pixels that their parts show of the frame, without closed gaps.
        """
        values = foreground(self.values)[None] if categories is None else self.values
        found = find_parts(values, point, frame=self.seen, categories=("",) if categories is None else categories)
        placed = self.on_frame(found)
        return replace(placed, boxes=replace(placed.boxes, masks=self._masks(found))) if masks else placed

    def on_frame(self, found: Parts) -> Parts:
        """Return parts in pixels of `values` as they lie on the frame."""
        down, across = (own / side for own, side in zip(self.frame, self.values.shape[1:], strict=True))
        boxes = Boxes.of(found.boxes.xyxy * [across, down, across, down], found.boxes.categories, found.boxes.scores)
        return Parts(boxes, tuple(round(area * down * across) for area in found.areas), found.shown)

    def _masks(self, found: Parts) -> tuple[bytes, ...]:
        """Return the run lengths over the frame of parts in pixels of `values`."""
        masks = []
        for (left, top, right, bottom), shown in zip(found.boxes.xyxy.astype(int).tolist(), found.shown, strict=True):
            whole = np.zeros(self.values.shape[1:], np.uint8)
            whole[top:bottom, left:right] = shown
            masks.append(encode_rle(cv2.resize(whole, self.frame[::-1], interpolation=cv2.INTER_NEAREST) > 0))
        return tuple(masks)
