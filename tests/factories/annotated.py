"""One annotated photograph, to be written in any format: a ring with a hole, and an L, on a landscape."""

import cv2
import numpy as np

from tiny_assets import scenery, write_png

SIZE = (180, 240)
L_CORNERS = ((140, 40), (200, 40), (200, 70), (170, 70), (170, 140), (140, 140))


def photograph():
    """Return the pixels, RGB, and the masks of ring and L."""
    image = scenery(np.random.default_rng(3))
    ring, bent = np.zeros(SIZE, np.uint8), np.zeros(SIZE, np.uint8)
    cv2.circle(ring, (70, 90), 40, 1, -1)
    cv2.circle(ring, (70, 90), 9, 0, -1)
    cv2.fillPoly(bent, [np.array(L_CORNERS)], 1)
    image[ring > 0] = (200, 60, 40)
    image[bent > 0] = (30, 80, 190)
    return image, ring > 0, bent > 0


def disc(path, *, colour=(200, 60, 40), seed=0, size=96):
    """Write an RGBA disc with a pattern of its own, and return its pixels."""
    rng = np.random.default_rng(seed)
    pattern = cv2.resize(rng.integers(0, 256, (6, 6, 1), dtype=np.uint8), (size, size), interpolation=cv2.INTER_CUBIC)
    alpha = np.zeros((size, size), np.uint8)
    cv2.circle(alpha, (size // 2, size // 2), size // 2 - 6, 255, -1)
    pixels = np.dstack([(np.array(colour) * 0.5 + pattern[..., None] * 0.5).astype(np.uint8), alpha])
    path.parent.mkdir(parents=True, exist_ok=True)
    write_png(path, pixels)
    return pixels
