"""The loop of hierarchical grouping, compiled; `trainers.proposals.selective_search` documents it."""

from __future__ import annotations

import numpy as np
from numba import njit

__all__ = ["merged_boxes"]


@njit(cache=True, nogil=True)
def merged_boxes(
    pairs: np.ndarray, sizes: np.ndarray, boxes: np.ndarray, colours: np.ndarray, textures: np.ndarray, pixels: int
) -> np.ndarray:
    """Merge the two most similar neighbours until one region is left.

    Args:
        pairs: Neighbours, each pair once, int64 (p, 2).
        sizes: Pixels of each of the n first regions, float64 (n).
        boxes: x0, y0, x1, y1 of each, half-open, int64 (n, 4).
        colours: Histogram of each, which adds up to 1, float64 (n, b).
        textures: Likewise, float64 (n, t).
        pixels: Of the picture.

    Returns:
        Boxes of all regions, the first ones and then the merged ones in the order of merging, int64 (m, 4).
    """
    first = len(sizes)
    most = 2 * first
    size, box = np.zeros(most), np.zeros((most, 4), np.int64)
    colour, texture = np.zeros((most, colours.shape[1])), np.zeros((most, textures.shape[1]))
    size[:first], box[:first], colour[:first], texture[:first] = sizes, boxes, colours, textures
    left, right = pairs[:, 0].copy(), pairs[:, 1].copy()
    likeness = np.empty(len(pairs))
    for place in range(len(pairs)):
        likeness[place] = _likeness(left[place], right[place], size, box, colour, texture, pixels)
    count = first
    met = np.full(most, -1, np.int64)  # for which merged region a neighbour was met already
    while True:
        best = -1
        for place in range(len(likeness)):
            if likeness[place] >= 0 and (best < 0 or likeness[place] > likeness[best]):
                best = place
        if best < 0:
            return box[:count]
        a, b, new = left[best], right[best], count
        count += 1
        _merge(a, b, new, size, box, colour, texture)
        for place in range(len(likeness)):
            if likeness[place] < 0:
                continue
            one, two = left[place], right[place]
            if one != a and one != b and two != a and two != b:
                continue
            other = two if one == a or one == b else one
            if other == a or other == b or met[other] == new:
                likeness[place] = -1.0  # the merged pair itself, or a neighbour of both
                continue
            met[other] = new
            left[place], right[place] = other, new
            likeness[place] = _likeness(other, new, size, box, colour, texture, pixels)


@njit(cache=True, nogil=True)
def _likeness(
    a: int, b: int, size: np.ndarray, box: np.ndarray, colour: np.ndarray, texture: np.ndarray, pixels: int
) -> float:
    """Return the sum of the four similarities, 0–4."""
    total = 0.0
    for place in range(colour.shape[1]):
        total += min(colour[a, place], colour[b, place])
    for place in range(texture.shape[1]):
        total += min(texture[a, place], texture[b, place])
    wide = max(box[a, 2], box[b, 2]) - min(box[a, 0], box[b, 0])
    high = max(box[a, 3], box[b, 3]) - min(box[a, 1], box[b, 1])
    total += 1.0 - (size[a] + size[b]) / pixels
    return float(total + 1.0 - (wide * high - size[a] - size[b]) / pixels)


@njit(cache=True, nogil=True)
def _merge(
    a: int, b: int, new: int, size: np.ndarray, box: np.ndarray, colour: np.ndarray, texture: np.ndarray
) -> None:
    """Write region `new`, made of `a` and `b`."""
    size[new] = size[a] + size[b]
    for place in range(2):
        box[new, place] = min(box[a, place], box[b, place])
        box[new, place + 2] = max(box[a, place + 2], box[b, place + 2])
    for place in range(colour.shape[1]):
        colour[new, place] = (size[a] * colour[a, place] + size[b] * colour[b, place]) / size[new]
    for place in range(texture.shape[1]):
        texture[new, place] = (size[a] * texture[a, place] + size[b] * texture[b, place]) / size[new]
