"""Tiles put together: beside one another, stacked, in a grid, under captions and titles."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np

from synthgen.core.types import AnyRGB, Size
from synthgen.draw.palette import GREY, PAPER, WHITE, Colour
from synthgen.draw.text import shortened, write

__all__ = ["beside", "captioned", "framed", "grid", "scaled", "stacked", "titled"]

GAP = 6  # between tiles, pixels
CAPTION = 22
TITLE = 64


def scaled(image: AnyRGB, longest: int) -> AnyRGB:
    """Enlarge or reduce a picture until its longer side has `longest` pixels."""
    height, width = image.shape[:2]
    scale = longest / max(height, width)
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    return cv2.resize(image, size, interpolation=cv2.INTER_CUBIC if scale > 1 else cv2.INTER_AREA).astype(np.uint8)


def beside(tiles: Sequence[AnyRGB], *, gap: int = GAP, paper: Colour = WHITE) -> AnyRGB:
    """Put tiles in a row; smaller ones are centred on `paper`."""
    return grid(tiles, len(tiles), gap=gap, paper=paper)


def stacked(tiles: Sequence[AnyRGB], *, gap: int = GAP, paper: Colour = WHITE) -> AnyRGB:
    """Put tiles one below the other; smaller ones are centred on `paper`."""
    return grid(tiles, 1, gap=gap, paper=paper)


def grid(tiles: Sequence[AnyRGB], columns: int, *, gap: int = GAP, paper: Colour = WHITE) -> AnyRGB:
    """Put tiles in rows of `columns`, all given the room of the largest and centred in it.

    Raises:
        ValueError: There is no tile or no column.
    """
    if not tiles or columns < 1:
        raise ValueError(f"grid of {len(tiles)} tiles in {columns} columns; expected at least one of each")
    height, width = (max(tile.shape[axis] for tile in tiles) for axis in (0, 1))
    columns = min(columns, len(tiles))
    rows = -(-len(tiles) // columns)
    sheet = np.full((rows * (height + gap) - gap, columns * (width + gap) - gap, 3), paper, np.uint8)
    for position, tile in enumerate(tiles):
        row, column = divmod(position, columns)
        top = row * (height + gap) + (height - tile.shape[0]) // 2
        left = column * (width + gap) + (width - tile.shape[1]) // 2
        sheet[top : top + tile.shape[0], left : left + tile.shape[1]] = tile
    return sheet


def captioned(tile: AnyRGB, caption: str, *, paper: Colour = WHITE) -> AnyRGB:
    """Put a line of text above a tile."""
    bar = np.full((CAPTION, tile.shape[1], 3), paper, np.uint8)
    return np.concatenate([write(bar, shortened(caption, tile.shape[1] - 4), (2, 3)), tile])


def framed(tile: AnyRGB, size: Size, *, paper: Colour = WHITE) -> AnyRGB:
    """Centre a tile on `paper` of `size`, (height, width); a side that is longer stays as it is."""
    down, across = (max(0, wanted - own) for wanted, own in zip(size, tile.shape[:2], strict=True))
    sides = (down // 2, down - down // 2, across // 2, across - across // 2)
    wide: AnyRGB = cv2.copyMakeBorder(tile, *sides, cv2.BORDER_CONSTANT, value=paper)
    return wide


def titled(sheet: AnyRGB, title: str, facts: str, *, margin: int, paper: Colour = PAPER) -> AnyRGB:
    """Put a sheet on `paper` with a margin, below a title and a line of facts."""
    height, width = sheet.shape[0] + TITLE + margin, sheet.shape[1] + 2 * margin
    page = np.full((height, width, 3), paper, np.uint8)
    page[TITLE : TITLE + sheet.shape[0], margin : margin + sheet.shape[1]] = sheet
    room = width - 2 * margin
    page = write(page, shortened(title, room, 20), (margin, 12), size=20)
    return write(page, shortened(facts, room, 13), (margin, 38), size=13, colour=GREY)
