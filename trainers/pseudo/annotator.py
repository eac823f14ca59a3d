"""What makes pseudo-labels: a protocol, and what it says of a picture before the gate."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

import cv2
import numpy as np
from jaxtyping import UInt8

from synthgen.core.geometry import decode_rle
from synthgen.core.picture import Boxes, Picture
from synthgen.core.types import AnyAlpha, Coverage, Size

__all__ = ["Annotator", "Seen", "heat_codes", "seen_in_boxes"]

LONGEST = 256  # pixels of a heat map, as those of SAM's own masks


@dataclass(frozen=True, slots=True, eq=False)
class Seen:
    """What is taken for targets on a picture.

    Attributes:
        boxes: In pixels of the picture, with scores.
        mask: The pixels of all targets (h, w).
        heatmap: How sure each pixel is, 0–255, of any size, stretched over the whole picture.
        score: Of the picture, 0–1.
    """

    boxes: Boxes
    mask: Coverage
    heatmap: UInt8[np.ndarray, "_h _w"]
    score: float


@runtime_checkable
class Annotator(Protocol):
    """Says where targets are: pictures → boxes, masks, scores. It is opened with what it looks for."""

    @property
    def params(self) -> Mapping[str, object]:
        """What decides its answers, to be written as JSON; it names no folder of whoever has the models."""
        ...

    def annotate(self, pictures: Sequence[Picture]) -> list[Seen]:
        """Return what is seen on each picture.

        Raises:
            SynthgenError: It cannot tell.
        """
        ...


def seen_in_boxes(boxes: Boxes, size: Size) -> Seen:
    """Return the union of the masks of boxes, as sure at each pixel as the surest box that covers it.

    Args:
        boxes: With scores and masks.
        size: (height, width) of the picture.
    """
    assert boxes.scores is not None and boxes.masks is not None, "what was found has both"
    sure = np.zeros(size, np.float32)
    mask = np.zeros(size, bool)
    for score, runs in zip(boxes.scores, boxes.masks, strict=True):
        own = decode_rle(runs, size)
        mask |= own
        sure[own] = np.maximum(sure[own], score)
    return Seen(boxes, mask, heat_codes(sure), float(boxes.scores.max(initial=0.0)))


def heat_codes(sure: AnyAlpha) -> UInt8[np.ndarray, "_h _w"]:
    """Return how sure each pixel is (0–1) as 0–255, reduced to the size that a table holds."""
    scale = min(1.0, LONGEST / max(sure.shape))
    size = [max(1, round(side * scale)) for side in sure.shape]
    small = cv2.resize(sure, size[::-1], interpolation=cv2.INTER_AREA) if scale < 1 else sure
    heatmap: np.ndarray = np.rint(255 * small).astype(np.uint8)
    return heatmap
