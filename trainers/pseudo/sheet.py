"""One picture to judge pseudo-labels by: what the gate let through, and what it refused and why, side by side."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

import cv2
import numpy as np

from synthgen.core.types import RGB, AnyRGB
from synthgen.draw import captioned, draw_boxes, draw_tags, framed, grid, outline, overlay, scaled, titled
from synthgen.draw.palette import FALSE_ALARM, HIT, PAPER
from synthgen.formats.pseudo_table import PseudoLabel

__all__ = ["pseudo_sheet"]

SHOWN, COLUMNS = 24, 6  # tiles of each kind, and in a row
TILE, GAP = 220, 12  # pixels: longer side of a picture, between tiles
EMPTY = np.full((1, TILE, 3), PAPER, np.uint8)

Judged = tuple[PseudoLabel, Callable[[], RGB]]


def pseudo_sheet(rows: Sequence[PseudoLabel], image: Callable[[int], RGB], title: str) -> AnyRGB | None:
    """Draw some rows of each kind, those nearest to the gate first; None where there is nothing to judge.

    Pictures that are known to show no target, or could not be read, are not drawn.

    Args:
        rows: All that there are.
        image: Reads the pixels of a row's picture, by its place among the rows.
        title: What stands above.

    Raises:
        DatasetError: A picture cannot be read any more.
    """
    judged = [(row, partial(image, number)) for number, row in enumerate(rows) if row.label != 0 and row.size != (0, 0)]
    valid = sorted((each for each in judged if each[0].valid), key=lambda each: each[0].score)
    refused = sorted((each for each in judged if not each[0].valid), key=lambda each: -each[0].score)
    parts = [
        _section(own, f"{title} · {noun}", f"{order} score first · score, share of the picture, name")
        for own, noun, order in ((valid, "valid", "lowest"), (refused, "refused", "highest"))
        if own
    ]
    return np.concatenate(parts) if parts else None


def _section(judged: Sequence[Judged], title: str, facts: str) -> AnyRGB:
    shown = min(SHOWN, len(judged))
    tiles = [_tile(*judged[place * len(judged) // shown]) for place in range(shown)]
    tiles += [EMPTY] * (COLUMNS - shown)  # both sections are of one width
    sheet = grid(tiles, COLUMNS, gap=GAP, paper=PAPER)
    return titled(sheet, title, f"{shown} of {len(judged):,}, {facts}", margin=GAP)


def _tile(row: PseudoLabel, image: Callable[[], RGB]) -> AnyRGB:
    colour = HIT if row.valid else FALSE_ALARM
    picture = scaled(image(), TILE)
    size = picture.shape[1], picture.shape[0]
    mask = cv2.resize(row.mask.astype(np.uint8), size, interpolation=cv2.INTER_AREA) > 0
    corners = row.boxes.xyxy * (TILE / max(row.size))
    drawn = outline(overlay(picture, mask, colour, strength=0.35), mask, colour)
    scores = [] if row.boxes.scores is None else [f"{score:.2f}" for score in row.boxes.scores]
    drawn = draw_tags(draw_boxes(drawn, corners, colour), corners, scores, colour, size=11)
    said = f"{row.score:.2f} · {row.mask.mean():.2%} · {row.image_id}"
    tile = captioned(framed(drawn, (TILE, TILE), paper=PAPER), said, paper=PAPER)
    return tile if row.valid else captioned(tile, row.reason, paper=PAPER)
