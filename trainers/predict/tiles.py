"""Probabilities for frames of any size: letterboxed into the network's size, or tile by tile at their own."""

from __future__ import annotations

import cv2
import numpy as np
from jaxtyping import Float32

from synthgen.core.types import RGB, Alpha, Size
from synthgen.formats.folder import fit_into
from trainers.predict.open import Predictor

__all__ = ["probability_map", "tiled_probability_map"]

OVERLAP = 0.25  # of a tile: what lies at a tile's edge is seen whole by its neighbour
BATCH = 16


def probability_map(model: Predictor, image: RGB) -> Alpha:
    """Return the probability of foreground, 0–1, for every pixel of `image`, seen whole."""
    height, width = image.shape[:2]
    probability = model.probabilities(fit_into(image, model.size)[None])[0]
    scale = min(model.size[0] / height, model.size[1] / width)
    inner_height, inner_width = max(1, round(height * scale)), max(1, round(width * scale))
    top, left = (model.size[0] - inner_height) // 2, (model.size[1] - inner_width) // 2
    inner = probability[top : top + inner_height, left : left + inner_width]
    full: Alpha = cv2.resize(inner, (width, height), interpolation=cv2.INTER_LINEAR)
    return full


def tiled_probability_map(model: Predictor, image: RGB) -> Alpha:
    """Return the same from overlapping tiles at the frame's own resolution, weighted by nearness to a tile's middle.

    A frame that no tile fits into is seen whole.
    """
    height, width = image.shape[:2]
    if height < model.size[0] or width < model.size[1]:
        return probability_map(model, image)
    corners = [(y, x) for y in _starts(height, model.size[0]) for x in _starts(width, model.size[1])]
    weight = _weight(model.size)
    total, weights = np.zeros((height, width), np.float32), np.zeros((height, width), np.float32)
    for first in range(0, len(corners), BATCH):
        windows = [
            (slice(y, y + model.size[0]), slice(x, x + model.size[1])) for y, x in corners[first : first + BATCH]
        ]
        found = model.probabilities(np.stack([image[window] for window in windows]))
        for window, probability in zip(windows, found, strict=True):
            total[window] += weight * probability
            weights[window] += weight
    full: Alpha = total / weights
    return full


def _starts(length: int, tile: int) -> list[int]:
    """Return where tiles begin so that they cover `length` evenly, each overlapping the next by `OVERLAP` or more."""
    count = 1 + int(np.ceil((length - tile) / (tile * (1 - OVERLAP))))
    return [round(start) for start in np.linspace(0, length - tile, count)]


def _weight(size: Size) -> Float32[np.ndarray, "h w"]:
    """Return a pyramid, 1 in the middle and above 0 at the edge."""
    ramps = [np.minimum(np.arange(side) + 0.5, side - 0.5 - np.arange(side)) / (side / 2) for side in size]
    return np.minimum.outer(*ramps).astype(np.float32)
