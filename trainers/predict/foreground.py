"""From the probabilities of classes to decisions: how likely a pixel is of any class, and of which."""

from __future__ import annotations

import numpy as np
from jaxtyping import Float32

from synthgen.core.types import Alpha, InstanceMask

__all__ = ["foreground", "surest_classes"]


def foreground(probabilities: Float32[np.ndarray, "k h w"]) -> Alpha:
    """Return how likely each pixel is of any class: the sum over classes, as truly it is of one at most."""
    total: np.ndarray = np.minimum(probabilities.sum(axis=0), np.float32(1))
    return total


def surest_classes(probabilities: Float32[np.ndarray, "k h w"], threshold: float) -> InstanceMask:
    """Return the number of each pixel's surest class, from 1; 0 where it is of any less surely than the threshold.

    So what may be one class or another is found all the same, as the surer of both.
    """
    found = np.where(foreground(probabilities) > threshold, probabilities.argmax(axis=0) + 1, 0)
    numbers: np.ndarray = found.astype(np.uint8)
    return numbers
