"""Instances out of a map of probabilities: its connected parts above a threshold."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np

from synthgen.core.types import Alpha

__all__ = ["Found", "find_instances"]


@dataclass(frozen=True, slots=True)
class Found:
    """One connected part.

    Attributes:
        box: x0, y0, x1, y1 in pixels, half-open.
        area: Pixels.
        score: Mean probability over them, 0–1.
    """

    box: tuple[int, int, int, int]
    area: int
    score: float

    def to_json(self) -> dict[str, Any]:
        """Return {"bbox": …, "area": …, "score": …}."""
        return {"bbox": list(self.box), "area": self.area, "score": round(self.score, 4)}


def find_instances(probability: Alpha, *, threshold: float, min_area: float) -> list[Found]:
    """Return the connected parts (also by corners) of at least `min_area` of the frame, surest first."""
    mask = (probability >= threshold).astype(np.uint8)
    count, labels, statistics, _ = cv2.connectedComponentsWithStats(mask, connectivity=8)
    found = []
    for number in range(1, count):
        left, top, width, height, area = (int(value) for value in statistics[number])
        if area < min_area * mask.size:
            continue
        window = slice(top, top + height), slice(left, left + width)
        score = float(probability[window][labels[window] == number].mean())
        found.append(Found((left, top, left + width, top + height), area, score))
    return sorted(found, key=lambda part: -part.score)
