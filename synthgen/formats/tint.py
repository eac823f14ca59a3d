"""Masks out of tinted photographs: an annotator painted a translucent colour over the object; which pixels are painted?

Painting mixes one colour c into a photograph p with one strength a: t = (1 − a)·p + a·c. Both are estimated from
the pair (p, t), so each pixel has two explanations, painted and not, and the one with the smaller error holds.
Where the photograph is itself of the colour c the two differ by less than the noise of JPEG; thresholding
such pixels one by one gives streaks and holes. So errors are compared over a small neighbourhood instead, and
specks and pinholes much smaller than what was painted are given to their surroundings.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from synthgen.core.errors import DatasetError
from synthgen.core.types import RGB, AnyRGB, Coverage

__all__ = ["MaskShape", "Tint", "estimate_tint", "mask_of_tint", "mask_shape", "thresholded_tint"]

CHANGED = 24.0  # least colour distance, 0–441, that noise of JPEG does not reach
REACH = 1.5  # deviation of the neighbourhood, pixels
SPECK = 0.003  # of what was painted: smaller parts and holes are noise
LEAST_STRENGTH = 0.1
ROUNDS = 5


@dataclass(frozen=True, slots=True)
class Tint:
    """What was painted: a colour, RGB 0–255, and how strongly, 0–1."""

    colour: tuple[float, float, float]
    strength: float


@dataclass(frozen=True, slots=True)
class MaskShape:
    """How torn a mask is.

    Attributes:
        parts: Connected parts, also by corners.
        holes: Connected parts of the background that do not reach the frame's edge.
        hole_pixels: Their area.
    """

    parts: int
    holes: int
    hole_pixels: int


def estimate_tint(photograph: RGB, tinted: RGB) -> Tint:
    """Fit colour and strength to the pixels that changed, leaving out those it does not explain.

    Raises:
        DatasetError: Nothing was painted, or the two pictures differ otherwise than by a tint.
    """
    before, after = (picture.reshape(-1, 3).astype(np.float64) for picture in (photograph, tinted))
    painted = np.linalg.norm(after - before, axis=1) > CHANGED
    for _ in range(ROUNDS):
        if painted.sum() < 16:
            raise DatasetError("no tint to be found; give the photograph and the same photograph painted over")
        tint = _fitted(before[painted], after[painted])
        painted = _error(before, after, tint) < _error(before, after, None)
    unexplained = float(np.median(np.sqrt(_error(before[painted], after[painted], tint))))
    if tint.strength < LEAST_STRENGTH or unexplained > CHANGED:
        raise DatasetError("the pictures differ by no tint; they must be of one photograph, unmoved and uncropped")
    return tint


def mask_of_tint(photograph: AnyRGB, tinted: AnyRGB) -> Coverage:
    """Return which pixels were painted, boolean (h, w).

    Raises:
        DatasetError: The pictures are of different sizes, or no tint can be found.
    """
    if photograph.shape != tinted.shape:
        raise DatasetError(
            f"photograph is {photograph.shape[:2]}, the tinted one {tinted.shape[:2]}; export it at the same size"
        )
    tint = estimate_tint(photograph, tinted)
    before, after = (picture.reshape(-1, 3).astype(np.float64) for picture in (photograph, tinted))
    evidence = (_error(before, after, None) - _error(before, after, tint)).reshape(photograph.shape[:2])
    capped = np.clip(evidence, -(CHANGED**2), CHANGED**2)  # one sure pixel must not outvote its neighbours
    painted = cv2.GaussianBlur(capped, (0, 0), REACH) > 0
    least = SPECK * np.count_nonzero(painted)
    without_specks = _without_small_parts(painted, least)
    return ~_without_small_parts(~without_specks, least)


def thresholded_tint(photograph: RGB, tinted: RGB) -> Coverage:
    """Return which pixels changed by more than noise: the usual way, for comparison."""
    change = np.linalg.norm(tinted.astype(np.float64) - photograph, axis=2)
    found: Coverage = change > CHANGED
    return found


def mask_shape(mask: Coverage) -> MaskShape:
    """Count parts and holes of a boolean mask (h, w)."""
    parts = cv2.connectedComponents(mask.astype(np.uint8), connectivity=8)[0] - 1
    outside = np.pad(~mask, 1, constant_values=True).astype(np.uint8)
    count, labels, statistics, _ = cv2.connectedComponentsWithStats(outside, connectivity=4)
    holes = [statistics[number, cv2.CC_STAT_AREA] for number in range(1, count) if number != labels[0, 0]]
    return MaskShape(parts, len(holes), int(sum(holes)))


def _fitted(before: np.ndarray, after: np.ndarray) -> Tint:
    """Least squares for t = k·p + b_channel, with k = 1 − a and b = a·c."""
    keep = np.clip(_slope(before, after), 0.0, 0.99)
    colour = (after - keep * before).mean(axis=0) / (1 - keep)
    red, green, blue = np.clip(colour, 0, 255).tolist()
    return Tint((red, green, blue), 1 - keep)


def _slope(before: np.ndarray, after: np.ndarray) -> float:
    x, y = before - before.mean(axis=0), after - after.mean(axis=0)
    return float((x * y).sum() / max((x * x).sum(), 1e-9))


def _error(before: np.ndarray, after: np.ndarray, tint: Tint | None) -> np.ndarray:
    """Return the squared colour distance of each pixel from what the tint, or none, makes of it."""
    if tint is not None:
        before = (1 - tint.strength) * before + tint.strength * np.array(tint.colour)
    error: np.ndarray = ((after - before) ** 2).sum(axis=1)
    return error


def _without_small_parts(mask: Coverage, least: float) -> Coverage:
    _, labels, statistics, _ = cv2.connectedComponentsWithStats(mask.astype(np.uint8), connectivity=8)
    large = statistics[:, cv2.CC_STAT_AREA] >= least
    large[0] = False
    found: Coverage = large[labels]
    return found
