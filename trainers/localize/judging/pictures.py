"""A page of pictures: the photograph, the truth, and over it each localizer's map, mask and box."""

from __future__ import annotations

import numpy as np

from synthgen.core.picture import Picture
from synthgen.core.types import AnyRGB
from synthgen.draw import captioned, draw_boxes, explained, framed, grid, heat, outline, overlay, scaled
from synthgen.draw.palette import HIT, WHITE, Colour
from trainers.localize.heat import heat_map, mask_of
from trainers.localize.judging.bench import Bench, true_boxes
from trainers.localize.judging.judge import Judgement
from trainers.localize.judging.tables import ranked
from trainers.localize.judging.verdict import OnPicture, Verdict
from trainers.localize.judging.wsol import box_of

__all__ = ["judged_sheet"]

TILE = 200  # longer side of a picture, pixels
MASK, BOX = WHITE, (235, 64, 52)
LEGEND: tuple[tuple[Colour, str], ...] = (
    (HIT, "truth"),
    (MASK, "mask at the chosen threshold"),
    (BOX, "box of its largest part"),
)


def judged_sheet(judgement: Judgement, rows: int) -> AnyRGB:
    """Draw some of the pictures that are scored, at even distances: nobody picked them.

    Raises:
        DatasetError: A picture cannot be read any more.
    """
    scored = judgement.bench.scored
    shown = min(rows, len(scored))
    places = [place * len(scored) // shown for place in range(shown)]
    verdicts = ranked(judgement)
    tiles = [tile for place in places for tile in _row(judgement, verdicts, place)]
    return explained(grid(tiles, 2 + len(verdicts)), LEGEND)


def _row(judgement: Judgement, verdicts: list[tuple[str, Verdict]], place: int) -> list[AnyRGB]:
    bench = judgement.bench
    number = bench.scored[place]
    picture = bench.picture(number)
    name = bench.shows[number] if bench.shows else picture.name
    tiles = [_tile(scaled(picture.image, TILE), name), _tile(_truth(bench, picture), "truth")]
    for method, verdict in verdicts:
        row = verdict.rows[place]
        tiles.append(_tile(_found(judgement, method, row, picture), f"{method}, IoU {row.figures['iou']:.2f}"))
    return tiles


def _tile(drawn: AnyRGB, caption: str) -> AnyRGB:
    return captioned(framed(drawn, (TILE, TILE)), caption)


def _truth(bench: Bench, picture: Picture) -> AnyRGB:
    shown = scaled(picture.image, TILE)
    if bench.kind == "boxes" or picture.truth.mask is None:
        return draw_boxes(shown, _half_open(true_boxes(picture.truth)) * TILE / max(picture.size), HIT, width=2)
    return outline(
        scaled(overlay(picture.image, picture.truth.mask > 0, HIT, strength=0.4), TILE), picture.truth.mask > 0, HIT
    )


def _found(judgement: Judgement, method: str, row: OnPicture, picture: Picture) -> AnyRGB:
    choice = row.choice
    maps = next(each for each in judgement.maps[method] if each.template == choice.template)
    values = heat_map(maps.relevance[row.number], picture.size, choice.post.interpolation, positive=maps.positive)
    mask = mask_of(values, choice.post)
    drawn = outline(scaled(heat(picture.image, values), TILE), mask, MASK)
    return draw_boxes(drawn, _half_open(box_of(mask)) * TILE / max(picture.size), BOX)


def _half_open(boxes: np.ndarray) -> np.ndarray:
    return np.asarray(boxes, float) + [0, 0, 1, 1]
