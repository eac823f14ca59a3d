"""YOLO: images/SPLIT/NAME.jpg, labels/SPLIT/NAME.txt and data.yaml, for boxes or for outlines.

A line of a label is a class, from 0, and a box (middle, width, height) or an outline (x, y in turn), as shares of the
picture. A picture without an object has an empty file. An object of several parts, or with holes, is one outline with
bridges. Readers fill it through the pixels that they round its points, or cut them, to; so the points lie a hair
before the middle of the pixels at the edge: both ways give the same pixels, and a box about them is half a pixel short
on each side.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import yaml

from synthgen.core.classes import Classes
from synthgen.core.types import Box, Coverage, Instance, Size, Split
from synthgen.formats.export.format import About, Loss, Part
from synthgen.formats.export.outlines import Ring, joined, rings
from synthgen.formats.export.rows import ExportRow, ShardRows

__all__ = ["YoloBoxes", "YoloSegments"]

MIDDLE = 0.49  # of a pixel; a half would be rounded to the even neighbour
FEWEST = 3  # points of an outline


@dataclass(frozen=True, slots=True)
class YoloBoxes:
    """Boxes of what is visible."""

    def write(self, shard: ShardRows, folder: Path) -> Part:
        """Write images and labels."""
        for row in shard:
            _write_row(folder, row, [_box_line(shard.classes, row.size, instance) for instance in row.instances])
        return Part(shard.split)

    def join(self, parts: Mapping[Split, Iterable[Part]], folder: Path, about: About) -> None:
        """Write data.yaml."""
        _write_data(folder, about)


@dataclass(frozen=True, slots=True)
class YoloSegments:
    """Outlines of what is visible."""

    def write(self, shard: ShardRows, folder: Path) -> Part:
        """Write images and labels; the part says what the outlines lose."""
        loss = Loss()
        for row in shard:
            lines = []
            for instance in row.instances:
                box = instance.bbox
                seen = row.mask[box[1] : box[3], box[0] : box[2]] == instance.number
                outline = joined(rings(seen))
                loss += _loss(outline, seen)
                lines.append(_outline_line(shard.classes, row.size, instance, outline))
            _write_row(folder, row, lines)
        return Part(shard.split, loss=loss)

    def join(self, parts: Mapping[Split, Iterable[Part]], folder: Path, about: About) -> None:
        """Write data.yaml."""
        _write_data(folder, about)


def _write_row(folder: Path, row: ExportRow, lines: list[str]) -> None:
    images, labels = folder / "images" / row.split, folder / "labels" / row.split
    if not labels.is_dir():
        for each in (images, labels):
            each.mkdir(parents=True, exist_ok=True)
    (images / f"{row.name}{row.suffix}").write_bytes(row.image)
    (labels / f"{row.name}.txt").write_text("".join(lines), encoding="ascii")


def _write_data(folder: Path, about: About) -> None:
    values: dict[str, Any] = {str(split): f"images/{split}" for split in about.rows}
    values.setdefault("val", values[next(iter(values))])  # without which trainers do not start
    names = dict(enumerate(about.classes.names))
    text = yaml.safe_dump({**values, "names": names}, sort_keys=False, allow_unicode=True)
    (folder / "data.yaml").write_text(text, encoding="utf-8")


def _box_line(classes: Classes, size: Size, instance: Instance) -> str:
    return _line(classes, instance, _shares(instance.bbox, size))


def _shares(box: Box, size: Size) -> list[float]:
    x0, y0, x1, y1 = box
    height, width = size
    return [(x0 + x1) / 2 / width, (y0 + y1) / 2 / height, (x1 - x0) / width, (y1 - y0) / height]


def _outline_line(classes: Classes, size: Size, instance: Instance, outline: Ring) -> str:
    points = np.resize(outline, (max(len(outline), FEWEST), 2))  # a speck of one or two pixels is walked again
    shares = (points + instance.bbox[:2] + MIDDLE) / (size[1], size[0])
    return _line(classes, instance, shares.ravel().tolist())


def _line(classes: Classes, instance: Instance, shares: list[float]) -> str:
    return f"{classes.id_of(instance.category) - 1} {' '.join([f'{share:.6f}' for share in shares])}\n"


def _loss(outline: Ring, mask: Coverage) -> Loss:
    """Fill the outline as readers do, and compare."""
    filled = cv2.fillPoly(np.zeros(mask.shape, np.uint8), [outline], 1).view(bool)
    return Loss(int(np.count_nonzero(mask)), int(np.count_nonzero(filled ^ mask)))
