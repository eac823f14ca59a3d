"""What a predictor of boxes found in a frame: drawn over it, and each mask as COCO writes it."""

from __future__ import annotations

from typing import Any

import numpy as np
from pycocotools import mask as coco

from synthgen.core.geometry import decode_rle
from synthgen.core.picture import Boxes
from synthgen.core.types import RGB, Size
from synthgen.draw import colour_of, draw_boxes, draw_tags, overlay

__all__ = ["box_picture", "pixels_of"]

LINE, LETTERS = 300, 36  # a line is as wide, and a letter as high, as the short side over these
LEAST_LETTERS = 11  # pixels


def box_picture(image: RGB, boxes: Boxes) -> RGB:
    """Draw boxes, each in a colour of its own, with masks, names and scores; the surest comes last, above all others.

    Args:
        image: The frame.
        boxes: In its pixels, surest first.
    """
    side = min(image.shape[:2])
    for number in reversed(range(len(boxes))):
        colour = colour_of(number + 1)
        if boxes.masks is not None:
            image = overlay(image, decode_rle(boxes.masks[number], _size(image)), colour, strength=0.4)
        image = draw_boxes(image, boxes.xyxy[number : number + 1], colour, width=max(2, round(side / LINE)))
    for number in reversed(range(len(boxes))):
        own, colour = boxes.xyxy[number : number + 1], colour_of(number + 1)
        image = draw_tags(image, own, [_words(boxes, number)], colour, size=max(LEAST_LETTERS, round(side / LETTERS)))
    return image


def pixels_of(mask: bytes, image: RGB) -> dict[str, Any]:
    """Return area and segmentation, COCO's run lengths, of run lengths over the whole picture."""
    covered = decode_rle(mask, _size(image))
    found = coco.encode(np.asfortranarray(covered.view(np.uint8)))
    segmentation = {"size": [int(side) for side in found["size"]], "counts": found["counts"].decode("ascii")}
    return {"area": int(np.count_nonzero(covered)), "segmentation": segmentation}


def _words(boxes: Boxes, number: int) -> str:
    score = "" if boxes.scores is None else f"{boxes.scores[number]:.2f}"
    return " ".join(filter(None, (boxes.categories[number], score)))


def _size(image: RGB) -> Size:
    return image.shape[0], image.shape[1]
