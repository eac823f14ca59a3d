"""One picture to judge pseudo-labels by: what the gate let through, and what it refused and why, side by side."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np

from synthgen.core.types import AnyRGB
from synthgen.draw import captioned, draw_boxes, draw_tags, framed, grid, outline, overlay, scaled, titled
from synthgen.draw.palette import FALSE_ALARM, HIT, PAPER
from synthgen.formats.photograph import read_photograph
from synthgen.formats.pseudo_table import PseudoLabel

__all__ = ["pseudo_sheet"]

SHOWN, COLUMNS = 24, 6  # tiles of each kind, and in a row
TILE, GAP = 220, 12  # pixels: longer side of a picture, between tiles
EMPTY = np.full((1, TILE, 3), PAPER, np.uint8)


def pseudo_sheet(rows: Sequence[PseudoLabel], images: Path, title: str) -> AnyRGB | None:
    """Draw some rows of each kind, those nearest to the gate first; None where there is nothing to judge.

    Photographs that are known to show no target, or could not be read, are not drawn.

    Raises:
        DatasetError: A photograph cannot be read any more.
    """
    judged = [row for row in rows if row.label != 0 and row.size != (0, 0)]
    valid = sorted((row for row in judged if row.valid), key=lambda row: row.score)
    refused = sorted((row for row in judged if not row.valid), key=lambda row: -row.score)
    parts = [
        _section(own, images, f"{title} · {noun}", f"{order} score first · score, share of the picture, name")
        for own, noun, order in ((valid, "valid", "lowest"), (refused, "refused", "highest"))
        if own
    ]
    return np.concatenate(parts) if parts else None


def _section(rows: Sequence[PseudoLabel], images: Path, title: str, facts: str) -> AnyRGB:
    shown = min(SHOWN, len(rows))
    tiles = [_tile(rows[place * len(rows) // shown], images) for place in range(shown)]
    tiles += [EMPTY] * (COLUMNS - shown)  # both sections are of one width
    sheet = grid(tiles, COLUMNS, gap=GAP, paper=PAPER)
    return titled(sheet, title, f"{shown} of {len(rows):,}, {facts}", margin=GAP)


def _tile(row: PseudoLabel, images: Path) -> AnyRGB:
    colour = HIT if row.valid else FALSE_ALARM
    picture = scaled(read_photograph(images / row.file), TILE)
    size = picture.shape[1], picture.shape[0]
    mask = cv2.resize(row.mask.astype(np.uint8), size, interpolation=cv2.INTER_AREA) > 0
    corners = row.boxes.xyxy * (TILE / max(row.size))
    drawn = outline(overlay(picture, mask, colour, strength=0.35), mask, colour)
    scores = [] if row.boxes.scores is None else [f"{score:.2f}" for score in row.boxes.scores]
    drawn = draw_tags(draw_boxes(drawn, corners, colour), corners, scores, colour, size=11)
    said = f"{row.score:.2f} · {row.mask.mean():.2%} · {row.image_id}"
    tile = captioned(framed(drawn, (TILE, TILE), paper=PAPER), said, paper=PAPER)
    return tile if row.valid else captioned(tile, row.reason, paper=PAPER)
