"""From boxes to cutouts: what can be cut out of photographs well, as a folder of foregrounds.

True boxes give targets. What a network takes for a target in photographs that show none gives look-alikes.
"""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from synthgen.core.errors import DatasetError
from synthgen.core.files import make_directory, write_atomic
from synthgen.core.picture import Boxes, Picture, Samples
from synthgen.core.pictures import write_picture
from synthgen.core.types import RGB, AnyRGB, Role
from synthgen.draw.chequers import on_chequers
from synthgen.draw.palette import Colour
from synthgen.draw.sheet import captioned, grid, scaled
from trainers.config.operating_point import OperatingPoint
from trainers.config.sources import source_of
from trainers.harvest.cut import Cutout, Refusal, cut_out
from trainers.predict.protocols import PixelPredictor
from trainers.predict.tiles import heatmap

__all__ = ["BoxesOf", "Harvest", "false_alarms", "harvest_cutouts", "true_boxes"]

COLUMNS = ("id", "file", "category", "group", "role", "source")
SHEET = "cutouts.png"
SHOWN, TILE = 60, 160  # cutouts on the sheet, pixels of each
LIGHT: Colour = (150, 150, 150)
DARK: Colour = (90, 90, 90)


BoxesOf = Callable[[Picture], Boxes]


@dataclass(frozen=True, slots=True)
class Harvest:
    """What became of the boxes.

    Attributes:
        kept: Cutouts that were written.
        refused: Number of boxes by the reason why they were not.
    """

    kept: int
    refused: dict[str, int]


def true_boxes(picture: Picture) -> Boxes:
    """Return the boxes of a photograph's objects, crowds apart.

    Raises:
        DatasetError: It has no boxes.
    """
    boxes = picture.truth.boxes
    if boxes is None:
        raise DatasetError(f"{picture.name}: has no boxes to cut by; annotate it")
    return boxes.select(~boxes.crowd)


def false_alarms(predictor: PixelPredictor, point: OperatingPoint) -> BoxesOf:
    """Return what finds the boxes of a predictor in a photograph that shows no target."""

    def found(picture: Picture) -> Boxes:
        return heatmap(predictor, picture.image, "stretch").parts(point).boxes

    return found


def harvest_cutouts(
    predictor: PixelPredictor,
    samples: Samples,
    output: Path,
    *,
    boxes_of: BoxesOf,
    role: Role,
    origin: str,
    group: str = "",
) -> Harvest:
    """Write cutouts and catalog.csv into `output`, and a sheet to look at beside it.

    Args:
        predictor: Sees where an object is within its box.
        samples: Photographs.
        output: Folder, made where it is missing.
        boxes_of: Which boxes to cut out of one.
        role: Of the cutouts.
        origin: Of the photographs, for the catalog's column source.
        group: Tells sources from names, as in `trainers.config.sources.source_of`.

    Raises:
        DatasetError: A photograph cannot be read, or has no boxes.
        OutputError: `output` cannot be written.
    """
    make_directory(output)
    rows: list[tuple[str, ...]] = []
    tiles: list[AnyRGB] = []
    refused: Counter[str] = Counter()
    for picture, number, category, found in _cut(predictor, samples, boxes_of):
        if isinstance(found, Refusal):
            refused[found.reason] += 1
            continue
        name = f"{picture.name}-{number}"
        write_picture(output / f"{name}.png", found.picture)
        rows.append((name, f"{name}.png", category or "object", source_of(picture.name, group), role, origin))
        if len(tiles) < SHOWN:
            tiles.append(captioned(_tile(found), f"{found.score:.2f} {picture.name}"))
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows([COLUMNS, *rows])
    write_atomic(output / "catalog.csv", text.getvalue().encode())
    if tiles:
        write_picture(output.with_name(f"{output.name}-{SHEET}"), grid(tiles, 6))
    return Harvest(len(rows), dict(refused.most_common()))


def _cut(
    predictor: PixelPredictor, samples: Samples, boxes_of: BoxesOf
) -> Iterator[tuple[Picture, int, str, Cutout | Refusal]]:
    for index in range(len(samples)):
        picture: Picture = samples[index]
        boxes = boxes_of(picture)
        for number, (corners, category) in enumerate(zip(boxes.xyxy, boxes.categories, strict=True)):
            x0, y0, x1, y1 = (round(float(value)) for value in corners)
            yield picture, number, category, cut_out(predictor, picture.image, (x0, y0, x1, y1))


def _tile(cutout: Cutout) -> RGB:
    return scaled(on_chequers(cutout.picture, LIGHT, DARK), TILE)
