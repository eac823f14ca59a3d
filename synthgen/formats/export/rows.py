"""The rows of one shard as an export sees them: those that are wanted, with the classes that are wanted."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from synthgen.core.classes import Classes
from synthgen.core.errors import DatasetError
from synthgen.core.geometry import decode_rle, window
from synthgen.core.pictures import suffix_of
from synthgen.core.types import Box, Coverage, HiddenInstance, Instance, InstanceMask, Size, Split
from synthgen.shards.codec import decode_hidden, decode_instances, decode_mask
from synthgen.shards.grey_png import write_grey_png
from synthgen.shards.reader import read_rows
from synthgen.shards.schema import shard_schema

__all__ = ["ExportRow", "ShardRows", "amodal_region", "class_mask", "facts"]

COLUMNS = tuple(name for name in shard_schema().names if name not in ("scene", "pixel_hash"))
MOST_CLASSES = 254  # in a mask of bytes, where 255 stands for pixels to leave out
DIGITS = 7  # of ratios, which are stored as float32


@dataclass(frozen=True, eq=False)
class ExportRow:
    """One picture with what is labelled on it.

    Attributes:
        name: Its `sample_id`, e.g. "train-000042"; safe as a file's name.
        number: Its place in the whole dataset, from 1: an id that does not depend on which rows are exported.
        split: Which side of the firewall.
        scene_id: Shared by rows that show one scene: under several blends, or as frames of a sequence.
        sequence_id: The sequence that it is a frame of; None for a picture.
        frame: Its number there, from 0.
        background_id: The scene photo; empty on a plain ground.
        size: Height and width.
        image: The stored bytes, JPEG or PNG.
        suffix: ".jpg" or ".png".
        mask_png: The mask as PNG, pixel = number of the instance, 0 = none.
        instances: Those of which something is visible, in order of their numbers; the category is the class.
        hidden: Targets too hidden to be labelled, whose pixels are no background either.
    """

    name: str
    number: int
    split: Split
    scene_id: str
    sequence_id: str | None
    frame: int | None
    background_id: str
    size: Size
    image: bytes = field(repr=False)
    suffix: str
    mask_png: bytes = field(repr=False)
    instances: tuple[Instance, ...]
    hidden: tuple[HiddenInstance, ...]

    @cached_property
    def mask(self) -> InstanceMask:
        """The decoded mask (h, w).

        Raises:
            DatasetError: It does not decode, or is of another size than the row says.
        """
        mask = decode_mask(self.mask_png)
        if mask.shape != self.size:
            raise DatasetError(f"{self.name}: mask is {mask.shape}, row says {self.size}; run `synthgen verify`")
        return mask

    @cached_property
    def ignored(self) -> list[tuple[HiddenInstance, Coverage]]:
        """The hidden targets with the pixels (h, w) that they may own; those without a pixel are left out."""
        if not self.hidden:
            return []
        free = self.mask == 0
        found = [(each, amodal_region(each.amodal_rle, each.amodal_bbox, self.size) & free) for each in self.hidden]
        return [(each, region) for each, region in found if region.any()]


@dataclass(frozen=True, slots=True)
class ShardRows:
    """One shard.

    Attributes:
        path: The file.
        split: Which side of the firewall.
        name: The shard's name without suffix, e.g. "train-00000".
        before: Rows of the dataset that lie before this split.
        wanted: Indices of the rows to export; None for all.
        classes: What becomes of each category.
    """

    path: Path
    split: Split
    name: str
    before: int
    wanted: frozenset[int] | None
    classes: Classes

    @property
    def unchanged(self) -> bool:
        """Whether all rows are wanted as they are."""
        return self.wanted is None and self.classes.unchanged

    def cells(self, columns: tuple[str, ...] | None = None) -> Iterator[dict[str, Any]]:
        """Stream the wanted rows of the schema, with the classes in place of the categories.

        Raises:
            DatasetError: The shard is damaged, or a row is not what its name says.
        """
        for row in read_rows(self.path, columns):
            if row["split"] != self.split or row["sample_id"] != f"{self.split}-{row['index']:06d}":
                raise DatasetError(
                    f"{self.path}: a row of {self.split} is called {row['sample_id']!r}; run `synthgen verify`"
                )
            for instance in row["instances"]:
                if instance["category"] not in self.classes.renamed:
                    raise DatasetError(
                        f"{self.path}: {row['sample_id']}: category {instance['category']!r} is not in the manifest; "
                        "run `synthgen verify`"
                    )
            if self.wanted is None or row["index"] in self.wanted:
                yield row if self.classes.unchanged else _reclassed(row, self.classes)

    def __iter__(self) -> Iterator[ExportRow]:
        """Stream the wanted rows.

        Raises:
            DatasetError: The shard is damaged.
        """
        for row in self.cells(COLUMNS):
            yield _export_row(row, self.before)


def facts(instance: Instance) -> dict[str, Any]:
    """Return what an instance knows beyond class, box and mask; what formats keep where they have room."""
    return {
        "foreground_id": instance.foreground_id,
        "visibility": round(instance.visibility, DIGITS),
        "occlusion": round(instance.occlusion, DIGITS),
        "truncation": round(instance.truncation, DIGITS),
        "amodal_area": instance.amodal_area,
        **({} if instance.track is None else {"track": instance.track}),
    }


def amodal_region(rle: bytes, box: Box, size: Size) -> Coverage:
    """Return the part of an amodal mask that lies in the frame (h, w).

    Raises:
        DatasetError: The run lengths do not fill the box.
    """
    frame, local = window(box, size)
    region = np.zeros(size, bool)
    try:
        region[frame] = decode_rle(rle, (box[3] - box[1], box[2] - box[0]))[local]
    except ValueError as error:
        raise DatasetError(f"an amodal mask does not decode: {error}; run `synthgen verify` on the dataset") from error
    return region


def class_mask(row: ExportRow, classes: Classes) -> InstanceMask:
    """Return the mask (h, w) with the ids of classes in place of the numbers of instances.

    Raises:
        DatasetError: There are more than 254 classes.
    """
    if len(classes.names) > MOST_CLASSES:
        raise DatasetError(
            f"{len(classes.names)} classes; a mask has room for {MOST_CLASSES}: merge some with --classes"
        )
    table = np.zeros(256, np.uint8)
    for instance in row.instances:
        table[instance.number] = classes.id_of(instance.category)
    found: InstanceMask = cv2.LUT(row.mask, table)
    return found


def _reclassed(row: dict[str, Any], classes: Classes) -> dict[str, Any]:
    """Name the classes; the pixels of instances that are dropped become background."""
    kept = _renamed(row["instances"], classes)
    stays = {instance["number"] for instance in kept}
    changed: dict[str, Any] = {"instances": kept, "label": int(any(instance["area"] > 0 for instance in kept))}
    if row["hidden"] is not None:
        changed["hidden"] = _renamed(row["hidden"], classes)
        changed["unlabelled"] = len(changed["hidden"])
    if row["tracks"] is not None:
        numbered = zip(row["instances"], row["tracks"], strict=True)
        changed["tracks"] = [track for instance, track in numbered if instance["number"] in stays]
    dropped = {instance["number"] for instance in row["instances"]} - stays
    if dropped:
        changed["mask"] = {**row["mask"], "bytes": _without(row["mask"]["bytes"], dropped)}
    return {**row, **changed}


def _renamed(instances: list[dict[str, Any]], classes: Classes) -> list[dict[str, Any]]:
    named = ((instance, classes.renamed.get(instance["category"])) for instance in instances)
    return [{**instance, "category": name} for instance, name in named if name is not None]


def _without(mask: bytes, numbers: set[int]) -> bytes:
    table = np.arange(256, dtype=np.uint8)
    table[sorted(numbers)] = 0
    return write_grey_png(table[decode_mask(mask)])


def _export_row(row: Mapping[str, Any], before: int) -> ExportRow:
    image = row["image"]["bytes"]
    suffix = suffix_of(image)
    if not suffix:
        raise DatasetError(f"{row['sample_id']}: the image is neither JPEG nor PNG; run `synthgen verify`")
    return ExportRow(
        name=row["sample_id"],
        number=before + row["index"] + 1,
        split=row["split"],
        scene_id=row["scene_id"],
        sequence_id=row["sequence_id"],
        frame=row["frame"],
        background_id=row["background_id"],
        size=(row["height"], row["width"]),
        image=image,
        suffix=suffix,
        mask_png=row["mask"]["bytes"],
        instances=tuple(each for each in decode_instances(row) if each.area > 0),
        hidden=tuple(decode_hidden(each) for each in row["hidden"] or ()),
    )
