"""Plain folders: SPLIT/images/NAME.jpg, SPLIT/masks/NAME.png, SPLIT/instances/NAME.png, instances.csv, classes.csv.

In `masks` a pixel is the id of its class, in `instances` the number of its instance; 0 is background. Where targets are
too hidden to be labelled, SPLIT/ignore/NAME.png is 255 in the pixels that they may own. SPLIT/images with SPLIT/masks
is what `formats.folder` reads.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from typing import Any

import numpy as np

from synthgen.core.classes import Classes
from synthgen.core.types import Instance, Split
from synthgen.formats.export.format import About, Part
from synthgen.formats.export.rows import ExportRow, ShardRows, class_mask, facts
from synthgen.formats.folder import IGNORE
from synthgen.shards.grey_png import write_grey_png

__all__ = ["Folders"]

BOX = ("x0", "y0", "x1", "y1")  # pixels, half-open
FACTS = ("foreground_id", "visibility", "occlusion", "truncation", "amodal_area")
COLUMNS = (
    "sample_id",
    "split",
    "number",
    "class_id",
    "class",
    *BOX,
    "area",
    *FACTS,
    *(f"amodal_{name}" for name in BOX),
)


@dataclass(frozen=True, slots=True)
class Folders:
    """Images and masks as files."""

    def write(self, shard: ShardRows, folder: Path) -> Part:
        """Write images and masks; the part holds the lines of instances.csv."""
        text = StringIO(newline="")
        table = csv.writer(text, lineterminator="\n")
        images, masks, instances = (folder / shard.split / name for name in ("images", "masks", "instances"))
        for each in (images, masks, instances):
            each.mkdir(parents=True, exist_ok=True)
        for row in shard:
            (images / f"{row.name}{row.suffix}").write_bytes(row.image)
            (masks / f"{row.name}.png").write_bytes(_class_png(row, shard.classes))
            (instances / f"{row.name}.png").write_bytes(row.mask_png)
            _write_ignored(folder / shard.split / IGNORE, row)
            table.writerows(_line(row, instance, shard.classes) for instance in row.instances)
        return Part(shard.split, text.getvalue())

    def join(self, parts: Mapping[Split, Iterable[Part]], folder: Path, about: About) -> None:
        """Write instances.csv, and classes.csv with their ids."""
        with (folder / "instances.csv").open("w", encoding="utf-8", newline="") as file:
            csv.writer(file, lineterminator="\n").writerow(COLUMNS)
            file.writelines(part.index for those in parts.values() for part in those)
        with (folder / "classes.csv").open("w", encoding="utf-8", newline="") as file:
            csv.writer(file, lineterminator="\n").writerows([("id", "name"), *enumerate(about.classes.names, 1)])


def _class_png(row: ExportRow, classes: Classes) -> bytes:
    """Return the mask of classes; where their ids are the numbers of the instances, the row's mask is it already."""
    if all(each.number == classes.id_of(each.category) for each in row.instances):
        return row.mask_png
    return write_grey_png(class_mask(row, classes))


def _write_ignored(folder: Path, row: ExportRow) -> None:
    if row.ignored:
        folder.mkdir(exist_ok=True)
        region = np.any([region for _, region in row.ignored], axis=0)
        (folder / f"{row.name}.png").write_bytes(write_grey_png(region.astype(np.uint8) * 255))


def _line(row: ExportRow, instance: Instance, classes: Classes) -> list[Any]:
    known = facts(instance)
    named = [row.name, row.split, instance.number, classes.id_of(instance.category), instance.category]
    return [*named, *instance.bbox, instance.area, *(known[name] for name in FACTS), *instance.amodal_bbox]
