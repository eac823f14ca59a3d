"""Pictures of predictions: image, truth, prediction and error side by side; boxes found and true on photographs."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np

from synthgen.core.types import RGB, Coverage
from synthgen.formats.folder import fit_into
from trainers.score.evaluate import Example
from trainers.score.evaluate_boxes import BoxExample

__all__ = ["box_sheet", "overlay", "prediction_sheet"]

HIT, FALSE_ALARM, MISS = (64, 200, 90), (235, 64, 52), (66, 110, 245)
TITLES = ("image", "truth", "prediction", "error")
COLUMNS = 6  # of photographs with boxes
LEGEND = ((HIT, "hit"), (FALSE_ALARM, "false alarm"), (MISS, "miss"))
TILE = 240  # least height of a picture on the sheet, pixels
GAP, BAR = 6, 28
INK = (20, 20, 20)


def prediction_sheet(examples: Sequence[Example]) -> RGB:
    """Draw a row for each example between titles and a legend; examples are of one size."""
    factor = max(1, round(TILE / examples[0].image.shape[0]))
    rows = [_row(example, factor) for example in examples]
    width = rows[0].shape[1]
    titles, legend = (np.full((BAR, width, 3), 255, dtype=np.uint8) for _ in range(2))
    for column, title in enumerate(TITLES):
        _write(titles, title, column * (width + GAP) // len(TITLES))
    _explain(legend, LEGEND)
    gap = np.full((GAP, width, 3), 255, dtype=np.uint8)
    return np.concatenate([titles, *(part for row in rows for part in (row, gap)), legend])


def box_sheet(examples: Sequence[BoxExample]) -> RGB:
    """Draw photographs in rows: true boxes green, boxes found red, predicted pixels tinted."""
    tiles = [_box_tile(example) for example in examples]
    tiles += [np.full_like(tiles[0], 255)] * (-len(tiles) % COLUMNS)
    rows = [np.concatenate(tiles[first : first + COLUMNS], axis=1) for first in range(0, len(tiles), COLUMNS)]
    legend: RGB = np.full((BAR, rows[0].shape[1], 3), 255, dtype=np.uint8)
    _explain(legend, ((HIT, "true box"), (FALSE_ALARM, "found")))
    return np.concatenate([*rows, legend])


def _box_tile(example: BoxExample) -> RGB:
    picture = overlay(example.image, example.prediction)
    thick = max(2, round(max(picture.shape) / TILE * 2))
    for boxes, colour in ((example.truth, HIT), (example.found, FALSE_ALARM)):
        for x0, y0, x1, y1 in boxes:
            cv2.rectangle(picture, (round(x0), round(y0)), (round(x1) - 1, round(y1) - 1), colour, thick)
    return cv2.copyMakeBorder(fit_into(picture, (TILE, TILE)), 2, 2, 2, 2, cv2.BORDER_CONSTANT, value=(255, 255, 255))


def _explain(legend: RGB, entries: Sequence[tuple[tuple[int, int, int], str]]) -> None:
    place = 0
    for colour, meaning in entries:
        cv2.rectangle(legend, (place + 2, 9), (place + 13, 20), colour, -1)
        place = _write(legend, meaning, place + 18) + 16


def _row(example: Example, factor: int) -> RGB:
    height, width = (side * factor for side in example.image.shape[:2])
    gap = np.full((height, GAP, 3), 255, dtype=np.uint8)
    parts: list[RGB] = []
    for tile, how in zip(_tiles(example), (cv2.INTER_CUBIC, *[cv2.INTER_NEAREST] * 3), strict=True):
        parts += [cv2.resize(tile, (width, height), interpolation=how).astype(np.uint8), gap]
    return np.concatenate(parts[:-1], axis=1)


def _write(bar: RGB, text: str, left: int) -> int:
    """Write into a bar; return where the text ends."""
    cv2.putText(bar, text, (left + 2, 19), cv2.FONT_HERSHEY_SIMPLEX, 0.5, INK, 1, cv2.LINE_AA)
    return left + cv2.getTextSize(text, cv2.FONT_HERSHEY_SIMPLEX, 0.5, 1)[0][0]


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
