"""A picture turned and flipped together with its truth."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import TypeVar

import numpy as np

from synthgen.core.picture import Boxes, DecodedPicture, Picture, Truth
from synthgen.core.types import Size

__all__ = ["six_fold"]

T = TypeVar("T", bound=np.ndarray)
FLIPS = ("none", "lr", "ud")


def six_fold(picture: Picture) -> Iterator[DecodedPicture]:
    """Yield a picture under two rotations (0°, 90° counter-clockwise) times three flips (none, lr, ud).

    The six are one group: they are no independent observations.
    """
    for quarters in (0, 1):
        for flip in FLIPS:
            turn = partial(_turned, quarters=quarters, flip=flip)
            truth = picture.truth
            turned = Truth(
                mask=None if truth.mask is None else turn(truth.mask),
                boxes=None if truth.boxes is None else _turned_boxes(truth.boxes, picture.size, quarters, flip),
                label=truth.label,
                ignore=None if truth.ignore is None else turn(truth.ignore),
            )
            yield DecodedPicture(f"{picture.name}-{90 * quarters}-{flip}", picture.group, turn(picture.image), turned)


def _turned(pixels: T, quarters: int, flip: str) -> T:
    turned = np.rot90(pixels, quarters)
    if flip != "none":
        turned = np.flip(turned, 1 if flip == "lr" else 0)
    return np.ascontiguousarray(turned)  # type: ignore[return-value]


def _turned_boxes(boxes: Boxes, size: Size, quarters: int, flip: str) -> Boxes:
    height, width = size
    x0, y0, x1, y1 = boxes.xyxy.T
    if quarters:
        x0, y0, x1, y1 = y0, width - x1, y1, width - x0
        height, width = width, height
    if flip == "lr":
        x0, x1 = width - x1, width - x0
    if flip == "ud":
        y0, y1 = height - y1, height - y0
    corners = np.stack([x0, y0, x1, y1], axis=1)
    return Boxes.of(corners, boxes.categories, boxes.scores, boxes.crowd, numbers=boxes.numbers)
