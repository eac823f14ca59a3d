"""Parts out of a map of probabilities: threshold, closing, least area and score. The one way from pixels to boxes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from jaxtyping import Float32

from synthgen.core.picture import Boxes
from synthgen.core.types import Alpha, AnyCoverage, Coverage, Size
from trainers.config.operating_point import OperatingPoint
from trainers.predict.foreground import surest_classes

__all__ = ["Parts", "find_parts"]


@dataclass(frozen=True, slots=True, eq=False)
class Parts:
    """Connected parts of a map, surest first.

    Attributes:
        boxes: Tight, half-open, with the mean probability over each part's foreground as its score.
        areas: Pixels of each part, closed gaps included.
        shown: Foreground of each part within its box, without closed gaps.
    """

    boxes: Boxes
    areas: tuple[int, ...]
    shown: tuple[AnyCoverage, ...]


def find_parts(
    probabilities: Float32[np.ndarray, "k h w"],
    point: OperatingPoint,
    *,
    frame: Size | None = None,
    categories: Sequence[str] = ("",),
) -> Parts:
    """Return the connected parts (also by corners) of each category's closed foreground, by least area and score.

    A category's foreground are the pixels that `surest_classes` gives it, and those where its own probability exceeds
    the threshold: categories may overlap.

    Args:
        probabilities: A map for each category, 0–1.
        point: Threshold, closing, least area and least score.
        frame: (height, width), in pixels of the map, of what the point's shares refer to; None: the whole map.
        categories: Name of each map; "" stands for any category.
    """
    height, width = frame or probabilities.shape[1:]
    kernel, least_area = point.kernel((height, width)), point.least_area * height * width
    numbers = surest_classes(probabilities, point.threshold)
    found: list[_Part] = []
    for number, (category, probability) in enumerate(zip(categories, probabilities, strict=True), 1):
        parts = _parts_of(
            probability, (numbers == number) | (probability > point.threshold), category, kernel, least_area
        )
        found += [part for part in parts if part.score > point.least_score]
    found.sort(key=lambda part: -part.score)
    boxes = Boxes.of([part.box for part in found], [part.category for part in found], [part.score for part in found])
    return Parts(boxes, tuple(part.area for part in found), tuple(part.shown for part in found))


@dataclass(frozen=True, slots=True, eq=False)
class _Part:
    box: tuple[int, int, int, int]
    area: int
    score: float
    category: str
    shown: AnyCoverage


def _parts_of(probability: Alpha, foreground: Coverage, category: str, kernel: int, least_area: float) -> list[_Part]:
    closed = cv2.morphologyEx(foreground.astype(np.uint8), cv2.MORPH_CLOSE, np.ones((kernel, kernel), np.uint8))
    count, labels, statistics, _ = cv2.connectedComponentsWithStats(closed, connectivity=8)
    found = []
    for number in range(1, count):
        left, top, width, height, area = (int(value) for value in statistics[number])
        if area <= least_area:
            continue
        window = slice(top, top + height), slice(left, left + width)
        own = foreground[window] & (labels[window] == number)  # closing only adds, so each part has some
        score = float(probability[window][own].mean())
        found.append(_Part((left, top, left + width, top + height), area, score, category, own))
    return found
