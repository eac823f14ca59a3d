"""Pictures of predictions: image, truth, prediction and error side by side."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np

from synthgen.core.types import RGB, Coverage
from trainers.evaluate import Example

__all__ = ["overlay", "prediction_sheet"]

HIT, FALSE_ALARM, MISS = (64, 200, 90), (235, 64, 52), (66, 110, 245)
TITLES = ("image", "truth", "prediction", "error: green hit, red false alarm, blue miss")
GAP, HEADER = 6, 28


def prediction_sheet(examples: Sequence[Example]) -> RGB:
    """Draw a row for each example under a row of titles; examples are of one size."""
    height, width = examples[0].image.shape[:2]
    sheet = np.full((HEADER + len(examples) * (height + GAP), 4 * (width + GAP) - GAP, 3), 255, dtype=np.uint8)
    for column, title in enumerate(TITLES):
        scale = min(0.5, width / (9.5 * len(title)) * 0.5 * 2)
        place = (column * (width + GAP) + 2, HEADER - 9)
        cv2.putText(sheet, title, place, cv2.FONT_HERSHEY_SIMPLEX, scale, (20, 20, 20), 1, cv2.LINE_AA)
    for row, example in enumerate(examples):
        top = HEADER + row * (height + GAP)
        for column, tile in enumerate(_tiles(example)):
            left = column * (width + GAP)
            sheet[top : top + height, left : left + width] = tile
    return sheet


def overlay(image: RGB, prediction: Coverage) -> RGB:
    """Tint the predicted pixels red and outline them."""
    tinted = image.copy()
    tinted[prediction] = (0.5 * image[prediction] + 0.5 * np.array(FALSE_ALARM)).astype(np.uint8)
    contours, _ = cv2.findContours(prediction.astype(np.uint8), cv2.RETR_CCOMP, cv2.CHAIN_APPROX_NONE)
    cv2.drawContours(tinted, contours, -1, (255, 255, 255), 1, cv2.LINE_AA)
    return tinted


def _tiles(example: Example) -> tuple[RGB, RGB, RGB, RGB]:
    grey = cv2.cvtColor(cv2.cvtColor(example.image, cv2.COLOR_RGB2GRAY), cv2.COLOR_GRAY2RGB) // 2
    for colour, where in (
        (HIT, example.prediction & example.truth),
        (FALSE_ALARM, example.prediction & ~example.truth),
        (MISS, ~example.prediction & example.truth),
    ):
        grey[where] = colour
    return example.image, _mask_tile(example.truth), _mask_tile(example.prediction), grey


def _mask_tile(mask: Coverage) -> RGB:
    return np.repeat(mask[:, :, None].astype(np.uint8) * 255, 3, axis=2)
