"""Pictures of predictions: masks and their errors side by side; boxes found and true; labels below their pictures."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import cv2
import numpy as np

from synthgen.core.letterbox import fit_into
from synthgen.core.picture import Boxes
from synthgen.core.types import RGB, Coverage
from trainers.predict.protocols import Kind
from trainers.score.result import Example, Result

__all__ = ["box_sheet", "label_sheet", "mask_sheet", "overlay", "sheet_of", "with_boxes"]

HIT, FALSE_ALARM, MISS = (64, 200, 90), (235, 64, 52), (66, 110, 245)
TITLES = ("image", "truth", "prediction", "error")
COLUMNS = 6  # of pictures with boxes or labels
LEGEND = ((HIT, "hit"), (FALSE_ALARM, "false alarm"), (MISS, "miss"))
TILE = 240  # least height of a picture on the sheet, pixels
GAP, BAR = 6, 28
INK = (20, 20, 20)
Colour = tuple[int, int, int]


def mask_sheet(examples: Sequence[Example]) -> RGB:
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


def box_sheet(examples: Sequence[Example]) -> RGB:
    """Draw pictures in rows: true boxes green, boxes found red, predicted pixels tinted."""
    rows = _grid([_tile(_box_picture(example)) for example in examples])
    legend: RGB = np.full((BAR, rows.shape[1], 3), 255, dtype=np.uint8)
    _explain(legend, ((HIT, "true box"), (FALSE_ALARM, "found")))
    return np.concatenate([rows, legend])


def label_sheet(examples: Sequence[Example]) -> RGB:
    """Draw pictures in rows, each above its true label and the one found, framed green where they are the same."""
    return _grid([_label_tile(example) for example in examples])


SHEETS: dict[Kind, Callable[[Sequence[Example]], RGB]] = {
    "pixels": mask_sheet,
    "boxes": box_sheet,
    "labels": label_sheet,
}


def sheet_of(result: Result) -> RGB:
    """Draw the examples of a result."""
    return SHEETS[result.kind](result.examples)


def with_boxes(image: RGB, *drawn: tuple[Boxes | None, Colour]) -> RGB:
    """Draw boxes, each set in its colour, onto a copy of an image."""
    picture = image.copy()
    thick = max(2, round(max(picture.shape) / TILE * 2))
    for boxes, colour in drawn:
        for x0, y0, x1, y1 in [] if boxes is None else boxes.xyxy.tolist():
            cv2.rectangle(picture, (round(x0), round(y0)), (round(x1) - 1, round(y1) - 1), colour, thick)
    return picture


def _box_picture(example: Example) -> RGB:
    found = example.found.mask
    picture = example.image if found is None else overlay(example.image, found > 0)
    return with_boxes(picture, (example.truth.boxes, HIT), (example.found.boxes, FALSE_ALARM))


def _label_tile(example: Example) -> RGB:
    truth, found = example.truth.label, example.found.label
    bar: RGB = np.full((BAR, TILE + 4, 3), 255, dtype=np.uint8)
    _write(bar, f"true {'?' if truth is None else truth}, found {found}", 0)
    return np.concatenate([_tile(example.image, HIT if truth == found else FALSE_ALARM), bar])


def _tile(picture: RGB, frame: Colour = (255, 255, 255)) -> RGB:
    fitted = fit_into(picture, (TILE, TILE))
    tile: RGB = cv2.copyMakeBorder(fitted, 2, 2, 2, 2, cv2.BORDER_CONSTANT, value=frame)
    return tile


def _grid(tiles: list[RGB]) -> RGB:
    tiles = tiles + [np.full_like(tiles[0], 255)] * (-len(tiles) % COLUMNS)
    return np.concatenate(
        [np.concatenate(tiles[first : first + COLUMNS], axis=1) for first in range(0, len(tiles), COLUMNS)]
    )


def _explain(legend: RGB, entries: Sequence[tuple[Colour, str]]) -> None:
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
    assert example.truth.mask is not None and example.found.mask is not None, "pixels were compared"
    truth, found = example.truth.mask > 0, example.found.mask > 0
    counted = np.ones_like(truth) if example.truth.ignore is None else ~example.truth.ignore
    grey = cv2.cvtColor(cv2.cvtColor(example.image, cv2.COLOR_RGB2GRAY), cv2.COLOR_GRAY2RGB) // 2
    for colour, where in ((HIT, found & truth), (FALSE_ALARM, found & ~truth), (MISS, ~found & truth)):
        grey[where & counted] = colour
    return example.image, _mask_tile(truth), _mask_tile(found), grey


def _mask_tile(mask: Coverage) -> RGB:
    return np.repeat(mask[:, :, None].astype(np.uint8) * 255, 3, axis=2)
