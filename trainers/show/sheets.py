"""Sheets of predictions: masks and their errors side by side; boxes found and true; labels above their pictures."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import cv2
import numpy as np

from synthgen.core.letterbox import fit_into
from synthgen.core.types import AnyRGB, Coverage, InstanceMask
from synthgen.draw import beside, captioned, class_colour, explained, grid, heat, legend, stacked
from synthgen.draw.palette import FALSE_ALARM, HIT, MISS, WHITE, Colour
from trainers.predict.protocols import Kind
from trainers.score.class_figures import class_names
from trainers.score.result import Example, Result
from trainers.show.box_pictures import BOX_LEGEND, box_picture

__all__ = ["LEGENDS", "box_sheet", "class_sheet", "label_sheet", "mask_sheet", "picture_of", "sheet_of"]

LEGENDS: dict[Kind, tuple[tuple[Colour, str], ...]] = {
    "pixels": ((HIT, "hit"), (FALSE_ALARM, "false alarm"), (MISS, "miss")),
    "boxes": BOX_LEGEND,
    "labels": (),
}
"""What the colours of a picture mean."""

WRONG = WHITE  # found, but as another class; no class has this colour
BOX_COLUMNS, COLUMNS = 4, 6  # of pictures with boxes, and with labels
TILE = 240  # least height of a mask's picture, side of a picture with a label; pixels


def sheet_of(result: Result) -> AnyRGB:
    """Draw the examples of a result."""
    names = class_names(result.rows) if result.kind == "pixels" else ()
    return class_sheet(result.examples, names) if len(names) > 1 else SHEETS[result.kind](result.examples)


def mask_sheet(examples: Sequence[Example]) -> AnyRGB:
    """Draw a row for each example: image, truth, prediction, error."""
    rows = [_mask_row(example, titled=number == 0) for number, example in enumerate(examples)]
    return _explained(stacked(rows), "pixels")


def class_sheet(examples: Sequence[Example], names: Sequence[str]) -> AnyRGB:
    """Draw a row for each example: image, truth, prediction, error; masks have numbers of classes, from 1."""
    rows = [_class_row(example, titled=number == 0) for number, example in enumerate(examples)]
    classes = [(class_colour(number), name) for number, name in enumerate(names, 1)]
    return explained(explained(stacked(rows), classes), [*LEGENDS["pixels"], (WRONG, "another class")])


def box_sheet(examples: Sequence[Example]) -> AnyRGB:
    """Draw pictures in rows, as `trainers.show.box_pictures` does."""
    return _explained(grid([box_picture(example) for example in examples], BOX_COLUMNS), "boxes")


def label_sheet(examples: Sequence[Example]) -> AnyRGB:
    """Draw pictures in rows, each below its true label and the one that was found, beside where a predictor looked."""
    double = any(example.looked is not None for example in examples)
    return grid([_label_tile(example) for example in examples], COLUMNS // 2 if double else COLUMNS)


SHEETS: dict[Kind, Callable[[Sequence[Example]], AnyRGB]] = {
    "pixels": mask_sheet,
    "boxes": box_sheet,
    "labels": label_sheet,
}


def picture_of(kind: Kind, example: Example) -> AnyRGB:
    """Draw what was found in one picture, and what is true there."""
    if kind == "boxes":
        return box_picture(example)
    if kind == "labels":
        return example.image
    assert example.truth.mask is not None and example.found.mask is not None, "pixels were compared"
    return _error_tile(example, example.truth.mask > 0, example.found.mask > 0)


def _explained(sheet: AnyRGB, kind: Kind) -> AnyRGB:
    return np.concatenate([sheet, legend(LEGENDS[kind], sheet.shape[1])])


def _mask_row(example: Example, *, titled: bool) -> AnyRGB:
    assert example.truth.mask is not None and example.found.mask is not None, "pixels were compared"
    truth, found = example.truth.mask > 0, example.found.mask > 0
    tiles = {
        "image": _enlarged(example.image, cv2.INTER_CUBIC),
        "truth": _enlarged(_mask_tile(truth), cv2.INTER_NEAREST),
        "prediction": _enlarged(_mask_tile(found), cv2.INTER_NEAREST),
        "error": _enlarged(_error_tile(example, truth, found), cv2.INTER_NEAREST),
    }
    return beside([captioned(tile, title) if titled else tile for title, tile in tiles.items()])


def _class_row(example: Example, *, titled: bool) -> AnyRGB:
    assert example.truth.mask is not None and example.found.mask is not None, "pixels were compared"
    truth, found = example.truth.mask, example.found.mask
    error = _error_tile(example, truth > 0, found > 0)
    counted = True if example.truth.ignore is None else ~example.truth.ignore
    error[(truth > 0) & (found > 0) & (truth != found) & counted] = WRONG
    tiles = {
        "image": _enlarged(example.image, cv2.INTER_CUBIC),
        "truth": _enlarged(_class_tile(truth), cv2.INTER_NEAREST),
        "prediction": _enlarged(_class_tile(found), cv2.INTER_NEAREST),
        "error": _enlarged(error, cv2.INTER_NEAREST),
    }
    return beside([captioned(tile, title) if titled else tile for title, tile in tiles.items()])


def _class_tile(mask: InstanceMask) -> AnyRGB:
    colours = np.array([(0, 0, 0), *map(class_colour, range(1, 256))], np.uint8)
    tile: AnyRGB = colours[mask]
    return tile


def _error_tile(example: Example, truth: Coverage, found: Coverage) -> AnyRGB:
    counted = np.ones_like(truth) if example.truth.ignore is None else ~example.truth.ignore
    tile: AnyRGB = cv2.cvtColor(cv2.cvtColor(example.image, cv2.COLOR_RGB2GRAY), cv2.COLOR_GRAY2RGB) // 2
    for colour, where in ((HIT, found & truth), (FALSE_ALARM, found & ~truth), (MISS, ~found & truth)):
        tile[where & counted] = colour
    return tile


def _mask_tile(mask: Coverage) -> AnyRGB:
    return np.repeat(mask[:, :, None].astype(np.uint8) * 255, 3, axis=2)


def _enlarged(tile: AnyRGB, how: int) -> AnyRGB:
    factor = max(1, round(TILE / tile.shape[0]))
    return cv2.resize(tile, None, fx=factor, fy=factor, interpolation=how).astype(np.uint8)


def _label_tile(example: Example) -> AnyRGB:
    truth, found = example.truth.label, example.found.label
    said = f"found {found}" if truth == found else f"found {found}, true {'unknown' if truth is None else truth}"
    shown = [example.image, *([] if example.looked is None else [heat(example.image, example.looked)])]
    return captioned(beside([fit_into(picture, (TILE, TILE)) for picture in shown]), said)
