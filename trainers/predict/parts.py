"""Boxes out of a map of probabilities: its connected parts above a threshold."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from jaxtyping import Float32

from synthgen.core.picture import Boxes
from synthgen.core.types import Alpha

__all__ = ["Parts", "find_parts"]


@dataclass(frozen=True, slots=True, eq=False)
class Parts:
    """Connected parts of a map, surest first.

    Attributes:
        boxes: Tight, half-open, with the mean probability over each part as its score.
        areas: Pixels of each part.
    """

    boxes: Boxes
    areas: tuple[int, ...]


def find_parts(
    probabilities: Float32[np.ndarray, "k h w"], *, threshold: float, min_area: float, categories: Sequence[str] = ("",)
) -> Parts:
    """Return the connected parts (also by corners) of each category that take at least `min_area` of the frame.

    Args:
        probabilities: A map for each category, 0–1.
        threshold: Probability from which a pixel belongs to a part.
        min_area: Least area, as a share of the frame.
        categories: Name of each map; "" stands for any category.
    """
    found: list[_Part] = []
    for category, probability in zip(categories, probabilities, strict=True):
        found += _parts_of(probability, category, threshold, min_area)
    found.sort(key=lambda part: -part.score)
    boxes = Boxes.of([part.box for part in found], [part.category for part in found], [part.score for part in found])
    return Parts(boxes, tuple(part.area for part in found))


@dataclass(frozen=True, slots=True)
class _Part:
    box: tuple[int, int, int, int]
    area: int
    score: float
    category: str


def _parts_of(probability: Alpha, category: str, threshold: float, min_area: float) -> list[_Part]:
    mask = (probability >= threshold).astype(np.uint8)
    count, labels, statistics, _ = cv2.connectedComponentsWithStats(mask, connectivity=8)
    found = []
    for number in range(1, count):
        left, top, width, height, area = (int(value) for value in statistics[number])
        if area < min_area * mask.size:
            continue
        window = slice(top, top + height), slice(left, left + width)
        score = float(probability[window][labels[window] == number].mean())
        found.append(_Part((left, top, left + width, top + height), area, score, category))
    return found
