"""How a mask agrees with the true one, at a hundred thresholds out of one histogram of a heat map. Pure functions."""

from __future__ import annotations

import cv2
import numpy as np
from jaxtyping import Float32, Float64, Num, UInt8

from synthgen.core.types import Coverage

__all__ = ["MEASURES", "THRESHOLDS", "counted", "levels_of", "measures_of"]

MEASURES = ("iou", "f1", "precision", "recall")
THRESHOLDS: Float64[np.ndarray, " t"] = np.linspace(0, 1, 100)
TRUE = 128  # is added to the level of a pixel of the target, so that one histogram tells both kinds apart


def levels_of(heat: Float32[np.ndarray, "h w"]) -> UInt8[np.ndarray, "h w"]:
    """Return how many of the `THRESHOLDS` each pixel of a heat map reaches, 0–100.

    Grey morphology commutes with any rising function, so it may be run on levels, which are a quarter as large.
    """
    return np.searchsorted(THRESHOLDS.astype(np.float32), heat, side="right").astype(np.uint8)


def counted(
    levels: UInt8[np.ndarray, "h w"], truth: Coverage, ignore: Coverage | None
) -> tuple[Float64[np.ndarray, " t"], Float64[np.ndarray, " t"]]:
    """Return the true and the false positives of "is at or above the threshold", for each of the `THRESHOLDS`.

    Args:
        levels: As `levels_of` gives them.
        truth: Pixels of the target.
        ignore: Pixels that do not count.
    """
    joint = levels + np.uint8(TRUE) * truth.view(np.uint8)
    kept = None if ignore is None else (~ignore).view(np.uint8)
    histogram = cv2.calcHist([joint], [0], kept, [256], [0, 256]).ravel().astype(np.float64)
    false, true = (part[::-1].cumsum()[::-1] for part in (histogram[:TRUE], histogram[TRUE:]))
    reached = slice(1, 1 + len(THRESHOLDS))
    return true[reached], false[reached]


def measures_of(tp: Num[np.ndarray, " t"], fp: Num[np.ndarray, " t"], positives: int) -> Float64[np.ndarray, "4 t"]:
    """Return the `MEASURES` of one picture from counts of pixels.

    Where nothing is true and nothing was found, all four are 1. Where something is true and nothing was found,
    precision is 0.

    Args:
        tp: True positives, of one threshold or of several.
        fp: False positives.
        positives: Pixels of the target.
    """
    found, union = tp + fp, fp + positives
    iou = _share(tp, union)
    f1 = _share(2 * tp, found + positives)
    precision = np.where((found == 0) & (positives > 0), 0.0, _share(tp, found))
    return np.stack([iou, f1, precision, _share(tp, np.full_like(found, positives))])


def _share(part: Num[np.ndarray, " t"], whole: Num[np.ndarray, " t"]) -> Float64[np.ndarray, " t"]:
    """Return part / whole, 1 where there is nothing."""
    share: np.ndarray = np.where(whole > 0, part / np.maximum(whole, 1), 1.0)
    return share
