"""Photographs for tests: a smooth scene, an object's mask, and the object painted over translucently."""

import cv2
import numpy as np

SIZE = (120, 160)


def scene(seed):
    """A smooth picture with noise, in which a band has about the colour of the tint."""
    rng = np.random.default_rng(seed)
    coarse = rng.integers(0, 256, (6, 8, 3), dtype=np.uint8)
    picture = cv2.resize(coarse, SIZE[::-1], interpolation=cv2.INTER_CUBIC).astype(np.float64)
    picture[50:60] = (230, 20, 30)
    return np.clip(picture + rng.normal(0, 4, picture.shape), 0, 255).astype(np.uint8)


def truth():
    mask = np.zeros(SIZE, np.uint8)
    cv2.ellipse(mask, (80, 60), (50, 30), 20, 0, 360, 1, -1)
    cv2.circle(mask, (85, 75), 7, 0, -1)  # a trigger guard
    return mask > 0


def painted(photograph, mask, colour, strength, quality=75):
    mixed = photograph.astype(np.float64)
    mixed[mask] = (1 - strength) * mixed[mask] + strength * np.array(colour)
    _, data = cv2.imencode(".jpg", np.rint(mixed).astype(np.uint8)[:, :, ::-1], [cv2.IMWRITE_JPEG_QUALITY, quality])
    return np.ascontiguousarray(cv2.imdecode(data, cv2.IMREAD_COLOR)[:, :, ::-1])
