"""GrabCut inside true boxes: what outlines drawn by colour alone are worth, beside exact masks and beside models.

Rother, Kolmogorov and Blake 2004, "GrabCut": it begins with a rectangle, outside of which all is background.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from synthgen.core.geometry import encode_rle
from synthgen.core.grab_cut import grab_cut
from synthgen.core.picture import Boxes, Picture
from synthgen.core.types import RGB, Box, Coverage
from trainers.config.pseudo_label import PseudoLabelConfig
from trainers.harvest.cut import around, shifted, without_specks
from trainers.harvest.cutouts import true_boxes
from trainers.pseudo.annotator import Seen, seen_in_boxes

__all__ = ["GrabCutInBoxes", "from_config", "object_in"]

LONGEST = 480  # pixels: of a window that GrabCut sees, whose time grows faster than its area


@dataclass(frozen=True, slots=True)
class GrabCutInBoxes:
    """Outlines objects in the true boxes of pictures. Boxes are true, so all scores are 1."""

    @property
    def params(self) -> Mapping[str, object]:
        """The size that decides how fine outlines are."""
        return {"longest": LONGEST}

    def annotate(self, pictures: Sequence[Picture]) -> list[Seen]:
        """Outline what lies in each box.

        Raises:
            DatasetError: A picture has no boxes, or cannot be read.
        """
        return [seen_in_boxes(_outlined(picture), picture.size) for picture in pictures]


def from_config(_: PseudoLabelConfig) -> GrabCutInBoxes:
    """Return it; the boxes are the pictures' own."""
    return GrabCutInBoxes()


def object_in(image: RGB, box: Box) -> Coverage:
    """Return the pixels of what lies in a box (x0, y0, x1, y1, pixels, half-open); none where the box is all there is.

    The colours of a margin around the box are the background's.
    """
    found = np.zeros(image.shape[:2], bool)
    window = around(box, (image.shape[0], image.shape[1]))
    part = image[window]
    x0, y0, x1, y1 = shifted(box, -window[1].start, -window[0].start)
    labels = np.full(part.shape[:2], cv2.GC_BGD, np.uint8)
    labels[max(0, y0) : y1, max(0, x0) : x1] = cv2.GC_PR_FGD
    if len(np.unique(labels)) == 2:
        found[window] = _cut(part, labels)
    return found


def _cut(part: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Run GrabCut on a picture that is made small enough, and enlarge what it finds."""
    height, width = labels.shape
    scale = min(1.0, LONGEST / max(height, width))
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    small = cv2.resize(labels, size, interpolation=cv2.INTER_NEAREST)
    if len(np.unique(small)) < 2:
        return np.zeros((height, width), bool)
    seen = without_specks(grab_cut(cv2.resize(part, size, interpolation=cv2.INTER_AREA).astype(np.uint8), small))
    grown = cv2.resize(seen.astype(np.float32), (width, height), interpolation=cv2.INTER_LINEAR)
    covered: np.ndarray = (grown >= 0.5) & (labels == cv2.GC_PR_FGD)
    return covered


def _outlined(picture: Picture) -> Boxes:
    boxes = true_boxes(picture)
    masks = [object_in(picture.image, _whole(corners)) for corners in boxes.xyxy.tolist()]
    scores = np.ones(len(boxes), np.float32)
    return Boxes.of(boxes.xyxy, boxes.categories, scores, masks=[encode_rle(mask) for mask in masks])


def _whole(corners: Sequence[float]) -> Box:
    x0, y0, x1, y1 = (round(value) for value in corners)
    return x0, y0, x1, y1
