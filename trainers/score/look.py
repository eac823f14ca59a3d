"""How a picture looks, whoever made it: how dark, how blurred, and whether what lies behind its targets is plain."""

from __future__ import annotations

import cv2
import numpy as np
from jaxtyping import Float32, Float64

from synthgen.core.types import RGB

__all__ = ["blur", "darkness", "flatness"]

LONGEST = 256  # side to which a picture is reduced before its blur is measured, pixels; smaller ones are as they are
REBLUR = 9  # pixels
SMALL, SMOOTH = 128, 1.5  # longest side, and deviation of the smoothing, where flatness is measured; pixels
STEEP = 2.5  # codes a pixel: what is less steep is flat
AROUND = 0.03  # of the frame: margin about a target that is its own shadow or hand
LEAST_GROUND = 0.05  # of the frame: with less of it outside the targets, nobody can say what the ground is


def darkness(image: RGB) -> float:
    """Return 1 less the mean luma: 0 of a white picture, 1 of a black one."""
    return 1 - float(cv2.cvtColor(image, cv2.COLOR_RGB2GRAY).mean()) / 255


def blur(image: RGB) -> float | None:
    """Return how much of a picture's edges another blur would leave, 0 (sharp) – 1; None of a picture without edges.

    The larger of both directions (Crété et al. 2007), at a longest side of 256 pixels. It is a share of what is there,
    so neither darkness nor a plain ground counts as blur; noise counts as sharp.
    """
    grey = cv2.cvtColor(_reduced(image, LONGEST), cv2.COLOR_RGB2GRAY).astype(np.float32)
    found = [share for share in (_left(grey), _left(grey.T)) if share is not None]
    return max(found, default=None)


def flatness(image: RGB, targets: Float64[np.ndarray, "n 4"]) -> float | None:
    """Return the share of the ground that is flat, 0–1; None where targets leave no ground to speak of.

    Args:
        image: The picture.
        targets: x0, y0, x1, y1 as shares of the frame; what lies in them, or close by, is no ground.
    """
    small = _reduced(image, SMALL).astype(np.float32)
    smooth = cv2.GaussianBlur(small, (0, 0), SMOOTH)
    slopes = [cv2.Sobel(smooth, cv2.CV_32F, x, 1 - x, scale=1 / 8) for x in (0, 1)]
    ground = np.ones(small.shape[:2], bool)
    sides = np.array([small.shape[1], small.shape[0]] * 2)
    margins = np.array([-AROUND, -AROUND, AROUND, AROUND])
    for x0, y0, x1, y1 in np.rint(np.clip(targets + margins, 0, 1) * sides).astype(int).tolist():
        ground[y0:y1, x0:x1] = False
    if ground.mean() < LEAST_GROUND:
        return None
    return float((np.hypot(*slopes).max(axis=2)[ground] < STEEP).mean())


def _left(grey: Float32[np.ndarray, "h w"]) -> float | None:
    """Return the share of the differences along the columns that a blur along them leaves; None without any."""
    before = np.abs(np.diff(grey, axis=0))
    after = np.abs(np.diff(cv2.blur(grey, (1, REBLUR)), axis=0))
    total = float(before.sum())
    return 1 - float(np.maximum(before - after, 0).sum()) / total if total else None


def _reduced(image: RGB, longest: int) -> np.ndarray:
    height, width = image.shape[:2]
    scale = longest / max(height, width)
    if scale >= 1:
        return image
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    return np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA))
