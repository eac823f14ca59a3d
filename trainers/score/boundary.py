"""How well the outline of a mask is met."""

from __future__ import annotations

import cv2
import numpy as np

from synthgen.core.types import Coverage

__all__ = ["boundary_f"]

TOLERANCE = 0.0075  # of the frame's diagonal: how far a found boundary may lie from the true one


def boundary_f(prediction: Coverage, truth: Coverage) -> float:
    """Return the F-measure of boundary pixels within `TOLERANCE` of the other boundary (Csurka et al. 2013), 0–1."""
    found, wanted = _boundary(prediction), _boundary(truth)
    if not found.any() or not wanted.any():
        return float(not found.any() and not wanted.any())
    reach = max(1.0, TOLERANCE * float(np.hypot(*truth.shape)))
    precision = float(np.mean(_distance(wanted)[found] <= reach))
    recall = float(np.mean(_distance(found)[wanted] <= reach))
    return 2 * precision * recall / (precision + recall) if precision + recall else 0.0


def _boundary(mask: Coverage) -> Coverage:
    """Return the pixels of a mask that touch what is not of it; the frame's edge is no boundary."""
    inner = cv2.erode(mask.astype(np.uint8), np.ones((3, 3), np.uint8), borderType=cv2.BORDER_REPLICATE)
    edge: Coverage = mask & (inner == 0)
    return edge


def _distance(boundary: Coverage) -> np.ndarray:
    distances: np.ndarray = cv2.distanceTransform((~boundary).astype(np.uint8), cv2.DIST_L2, 5)
    return distances
