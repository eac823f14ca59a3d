"""GrabCut (Rother, Kolmogorov and Blake 2004) the same way each time: an outline that follows edges."""

from __future__ import annotations

import cv2
import numpy as np
from jaxtyping import UInt8

from synthgen.core.types import RGB, Coverage

__all__ = ["grab_cut"]

ROUNDS = 4


def grab_cut(image: RGB, labels: UInt8[np.ndarray, "h w"]) -> Coverage:
    """Return the object that begins with `labels`, OpenCV's GC_FGD and so on; sure ones of both kinds are needed."""
    cv2.setRNGSeed(0)  # its clusters begin at random
    found, no_box = labels.copy(), (0, 0, 0, 0)
    background, foreground = np.zeros((1, 65)), np.zeros((1, 65))
    bgr, mode = np.ascontiguousarray(image[..., ::-1]), cv2.GC_INIT_WITH_MASK
    cv2.grabCut(bgr, found, no_box, background, foreground, ROUNDS, mode)
    seen: Coverage = (found == cv2.GC_FGD) | (found == cv2.GC_PR_FGD)
    return seen
