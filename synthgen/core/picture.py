"""A picture and what is true of it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float32

from synthgen.core.types import Coverage, InstanceMask

__all__ = ["Boxes", "Truth"]


@dataclass(frozen=True, slots=True, eq=False)
class Boxes:
    """Boxes of one picture.

    Attributes:
        xyxy: (x0, y0, x1, y1) in pixels, half-open (n, 4).
        categories: Of each.
        scores: Of each, 0–1; None of true boxes.
        crowd: Whether a box stands for many objects (n).
    """

    xyxy: Float32[np.ndarray, "n 4"]
    categories: tuple[str, ...]
    scores: Float32[np.ndarray, " n"] | None
    crowd: Bool[np.ndarray, " n"]


@dataclass(frozen=True, slots=True, eq=False)
class Truth:
    """What is known of a picture; each part may be absent.

    Attributes:
        mask: Instance numbers, 0 = none.
        boxes: Of the visible targets.
        label: 1 where a target is visible, else 0.
        ignore: Pixels that neither loss nor scores count.
    """

    mask: InstanceMask | None = None
    boxes: Boxes | None = None
    label: int | None = None
    ignore: Coverage | None = None
