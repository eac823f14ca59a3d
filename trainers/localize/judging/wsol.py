"""The measures of weakly supervised localization (Choe et al. 2020), and the pointing game (Zhang et al. 2016).

Pure functions. Shares are 0–1; papers print them in percent.
"""

from __future__ import annotations

import cv2
import numpy as np
from jaxtyping import Bool, Float32, Float64, Int64, Num, UInt8

from synthgen.core.types import Coverage

__all__ = [
    "DELTAS",
    "WSOL_THRESHOLDS",
    "best_overlaps",
    "box_of",
    "grey_levels",
    "inclusive",
    "inclusive_iou",
    "max_box_acc",
    "pixel_histogram",
    "pointing",
    "px_ap",
    "ranked_within",
]

WSOL_THRESHOLDS: Float64[np.ndarray, " t"] = np.arange(0, 1, 0.001)
DELTAS = (0.3, 0.5, 0.7)
"""IoU from which a box is right, for MaxBoxAccV2; MaxBoxAcc and GT-known go by the middle one."""
NOTHING = np.zeros((1, 4), np.int64)  # the box of no pixel

Heat = Float32[np.ndarray, "h w"]


def inclusive(xyxy: Num[np.ndarray, "n 4"]) -> Float64[np.ndarray, "n 4"]:
    """Return half-open boxes by their first and last pixels, as this measure takes them."""
    return np.asarray(xyxy, np.float64) - [0, 0, 1, 1]


def inclusive_iou(boxes: Num[np.ndarray, "n 4"], others: Num[np.ndarray, "m 4"]) -> Float64[np.ndarray, "n m"]:
    """Return the IoU of boxes (x0, y0, x1, y1) whose corners are pixels within them: a side is x1 − x0 + 1."""
    low = np.maximum(boxes[:, None, :2], others[None, :, :2])
    high = np.minimum(boxes[:, None, 2:], others[None, :, 2:])
    shared = np.maximum(high - low + 1, 0).prod(axis=2)
    areas, other_areas = ((each[:, 2:] - each[:, :2] + 1).prod(axis=1) for each in (boxes, others))
    iou: np.ndarray = shared / (areas[:, None] + other_areas - shared)
    return iou


def box_of(mask: Coverage) -> Int64[np.ndarray, "1 4"]:
    """Return the box, by this measure's rule, of the largest contour of a mask; zeros if it is empty."""
    return _boxes(mask.view(np.uint8))[:1]


def grey_levels(heat: Heat) -> Int64[np.ndarray, " t"]:
    """Return what a pixel of the map × 255, as an integer, must exceed at each of the `WSOL_THRESHOLDS`."""
    return (WSOL_THRESHOLDS * int(_grey(heat).max())).astype(np.int64)


def best_overlaps(
    heat: Heat, boxes: Num[np.ndarray, "n 4"]
) -> tuple[Float64[np.ndarray, " levels"], Float64[np.ndarray, " levels"]]:
    """Return by grey level 0–255 how well the pixels above it fit a true box: the best IoU with any of them.

    The first is that of the largest contour's box, the second the best of all contours' boxes.

    Args:
        heat: A heat map.
        boxes: The true ones (x0, y0, x1, y1), inclusive; at least one.
    """
    grey = _grey(heat)
    present = np.bincount(grey.ravel(), minlength=256) > 0
    largest, every = np.zeros(256), np.zeros(256)
    for level in range(256):
        if level and not present[level]:  # the same pixels are above it as above the one before
            largest[level], every[level] = largest[level - 1], every[level - 1]
            continue
        best = inclusive_iou(_boxes((grey > level).view(np.uint8)), boxes).max(axis=1)
        largest[level], every[level] = best[0], best.max()
    return largest, every


def max_box_acc(weights: Num[np.ndarray, "draws n"], right: Bool[np.ndarray, "n t"]) -> Float64[np.ndarray, " draws"]:
    """Return the share of pictures with a right box, at the threshold at which it is highest in each draw.

    Args:
        weights: How often each picture counts.
        right: Whether its box is right at each threshold.
    """
    shares = weights.astype(np.float32) @ right.astype(np.float32)
    best: np.ndarray = shares.max(axis=1).astype(np.float64) / weights.sum(axis=1)
    return best


def pixel_histogram(heat: Heat, truth: Coverage, ignore: Coverage | None) -> Int64[np.ndarray, "2 levels"]:
    """Count the pixels of the background and of the target by how many of the `WSOL_THRESHOLDS` and of 1 they reach."""
    kept = slice(None) if ignore is None else ~ignore
    scores, true = heat[kept].ravel(), truth[kept].ravel()
    reached = np.searchsorted(np.append(WSOL_THRESHOLDS, 1.0), scores, side="right")
    bins = len(WSOL_THRESHOLDS) + 2
    return np.bincount(reached + bins * true, minlength=2 * bins).reshape(2, bins)


def px_ap(histograms: Num[np.ndarray, "draws 2 levels"]) -> Float64[np.ndarray, " draws"]:
    """Return the area below precision and recall of pixels of many pictures taken together, 0–1; NaN without a target.

    Args:
        histograms: For each draw of pictures the sum of what `pixel_histogram` counts.
    """
    fp, tp = (np.cumsum(histograms[..., kind, ::-1], axis=-1, dtype=np.float64) for kind in (0, 1))
    total = tp[..., -1:]
    steps = np.diff(tp, axis=-1, prepend=0) / np.where(total > 0, total, np.nan)
    area: np.ndarray = (steps * tp / np.maximum(tp + fp, 1)).sum(axis=-1)
    return area


def pointing(heat: Heat, target: Coverage, ignore: Coverage | None) -> float:
    """Return whether the map's highest pixel lies on the target; of several equally high ones, the share that does.

    So a map without range is worth what a finger is that points anywhere.
    """
    kept = heat if ignore is None else np.where(ignore, -np.inf, heat)
    return float(target[kept == kept.max()].mean())


def ranked_within(fits: Num[np.ndarray, " classes"], own: int, most: int) -> bool:
    """Tell whether a class is among the `most` that fit best; of equal ones those before it come first."""
    ahead = np.count_nonzero(fits > fits[own]) + np.count_nonzero(fits[:own] == fits[own])
    return bool(ahead < most)


def _grey(heat: Heat) -> UInt8[np.ndarray, "h w"]:
    return (heat * 255).astype(np.uint8)


def _boxes(mask: UInt8[np.ndarray, "h w"]) -> Int64[np.ndarray, "n 4"]:
    """Return the boxes of all contours, holes too, that of the largest first; their last column is x1 = x0 + width.

    The measure's authors take that for the last pixel within the box, except at the picture's edge.
    """
    contours, _ = cv2.findContours(mask, cv2.RETR_TREE, cv2.CHAIN_APPROX_SIMPLE)
    if not contours:
        return NOTHING
    areas = [cv2.contourArea(contour) for contour in contours]
    first = int(np.argmax(areas))
    order = (first, *range(first), *range(first + 1, len(areas)))
    corners = np.array([cv2.boundingRect(contours[place]) for place in order])
    height, width = mask.shape
    x0, y0 = corners[:, 0], corners[:, 1]
    x1, y1 = np.minimum(x0 + corners[:, 2], width - 1), np.minimum(y0 + corners[:, 3], height - 1)
    return np.stack([x0, y0, x1, y1], axis=1).astype(np.int64)
