"""Probabilities for frames of any size: fitted into the network's size, or tile by tile at their own."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from jaxtyping import Float32

from synthgen.core.letterbox import FITS, Fit
from synthgen.core.types import RGB, Size
from trainers.predict.heatmap import Heatmap
from trainers.predict.protocols import PixelPredictor

__all__ = ["heatmap", "tiled_heatmap"]

OVERLAP = 0.25  # of a tile: what lies at a tile's edge is seen whole by its neighbour
BATCH = 16
Window = tuple[slice, slice]


def heatmap(model: PixelPredictor, image: RGB, fit: Fit = "letterbox") -> Heatmap:
    """Return the probabilities of `image` seen whole, at the network's resolution."""
    fitted = FITS[fit]((image.shape[0], image.shape[1]), model.size)
    return Heatmap(fitted.cut(model.probabilities(fitted.put(image)[None])[0]), fitted.frame, fitted.inner)


def tiled_heatmap(model: PixelPredictor, image: RGB, fit: Fit = "letterbox") -> Heatmap:
    """Return the same from overlapping tiles at the frame's own resolution, weighted by nearness to a tile's middle.

    A frame that is smaller than a tile is seen whole, by the `fit`.
    """
    height, width = image.shape[:2]
    if height < model.size[0] or width < model.size[1]:
        return heatmap(model, image, fit)
    corners = [(y, x) for y in _starts(height, model.size[0]) for x in _starts(width, model.size[1])]
    windows = [(slice(y, y + model.size[0]), slice(x, x + model.size[1])) for y, x in corners]
    found = [probability for batch in _batches(windows) for probability in _probabilities(model, image, batch)]
    weight = _weight(model.size)
    total, weights = np.zeros((len(found[0]), height, width), np.float32), np.zeros((height, width), np.float32)
    for window, probability in zip(windows, found, strict=True):
        total[:, *window] += weight * probability
        weights[window] += weight
    return Heatmap(total / weights, (height, width), model.size)


def _batches(windows: Sequence[Window]) -> list[Sequence[Window]]:
    return [windows[first : first + BATCH] for first in range(0, len(windows), BATCH)]


def _probabilities(
    model: PixelPredictor, image: RGB, windows: Sequence[Window]
) -> Float32[np.ndarray, "b k side_y side_x"]:
    return model.probabilities(np.stack([image[window] for window in windows]))


def _starts(length: int, tile: int) -> list[int]:
    """Return where tiles begin so that they cover `length` evenly, each overlapping the next by `OVERLAP` or more."""
    count = 1 + int(np.ceil((length - tile) / (tile * (1 - OVERLAP))))
    return [round(start) for start in np.linspace(0, length - tile, count)]


def _weight(size: Size) -> Float32[np.ndarray, "h w"]:
    """Return a pyramid, 1 in the middle and above 0 at the edge."""
    ramps = [np.minimum(np.arange(side) + 0.5, side - 0.5 - np.arange(side)) / (side / 2) for side in size]
    weight: np.ndarray = np.minimum.outer(*ramps).astype(np.float32)
    return weight
