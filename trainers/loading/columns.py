"""The small columns of a split, in memory: labels, boxes, look-alikes, and where hidden targets lie."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import orjson
import pyarrow as pa
import pyarrow.parquet as pq

from synthgen.core.picture import Boxes
from synthgen.core.truth import ignored_region
from synthgen.core.types import Coverage, HiddenInstance, InstanceMask, Split
from synthgen.shards.reader import ShardDataset

__all__ = ["BoxColumn", "HiddenColumn", "distractor_column", "label_column"]

BOX_COLUMNS = tuple(f"instances.list.element.{name}" for name in ("number", "area", "category"))
HIDDEN_COLUMNS = ("hidden.list.element.amodal_bbox", "hidden.list.element.amodal_rle")
Hidden = tuple[HiddenInstance, ...]


def label_column(dataset: ShardDataset, split: Split) -> np.ndarray:
    """Return the label of each row: 1, 0, or −1 where all targets are too hidden to be labelled."""
    table = dataset.table(split, ["label", "unlabelled"])
    labels, unlabelled = (table[name].to_numpy() for name in ("label", "unlabelled"))
    found: np.ndarray = np.where((labels == 0) & (unlabelled > 0), -1, labels)
    return found


def distractor_column(dataset: ShardDataset, split: Split) -> list[tuple[str, ...]]:
    """Return the categories of each row's look-alikes, in order of their names, as its scene tells them."""
    scenes = dataset.table(split, ["scene"])["scene"].to_pylist()
    placements = (orjson.loads(scene).get("placements", ()) for scene in scenes)
    return [
        tuple(sorted(placed["category"] for placed in row if placed.get("part") == "distractor")) for row in placements
    ]


class BoxColumn:
    """The boxes of visible targets, row by row."""

    def __init__(self, dataset: ShardDataset, split: Split, *, amodal: bool = False) -> None:
        """Read them all: around what is seen of a target, or around all of it that lies in the frame."""
        name = "amodal_bbox" if amodal else "bbox"
        rows = dataset.table(split, (*BOX_COLUMNS, f"instances.list.element.{name}"))["instances"].combine_chunks()
        instances = rows.values
        self._starts = rows.offsets.to_numpy()
        height, width = dataset.manifest.size
        boxes = instances.field(name).values.to_numpy().reshape(-1, 4)
        self._boxes = np.clip(boxes, 0, np.array([width, height] * 2, np.float32))
        self._numbers = instances.field("number").to_numpy()
        self._visible = instances.field("area").to_numpy() > 0
        self._categories = instances.field("category").dictionary_encode()

    def __getitem__(self, row: int) -> Boxes:
        """Return the boxes of a row."""
        places = np.arange(self._starts[row], self._starts[row + 1])
        places = places[self._visible[places]]
        categories = tuple(self._categories.take(pa.array(places)).to_pylist())
        return Boxes.of(self._boxes[places], categories, numbers=self._numbers[places])


class HiddenColumn:
    """Where the targets lie that are too hidden to be labelled; nowhere in datasets of before, which do not say it."""

    def __init__(self, dataset: ShardDataset, split: Split) -> None:
        """Read them: nothing but a small column of shards that have none."""
        self._rows: dict[int, Hidden] = {}
        for path, entry in zip(dataset.shard_paths(split), dataset.entries(split), strict=True):
            self._rows |= {entry.first + number: hidden for number, hidden in _hidden_of(path)}

    def region(self, row: int, mask: InstanceMask) -> Coverage | None:
        """Return the pixels of the row's hidden targets that no labelled one covers; None if there are none."""
        hidden = self._rows.get(row)
        return ignored_region(hidden, mask) if hidden else None


def _hidden_of(path: Path) -> Iterator[tuple[int, Hidden]]:
    """Yield number and hidden targets of the rows of a shard that have any."""
    with pq.ParquetFile(path, memory_map=True) as file:
        if "hidden" not in file.schema_arrow.names:
            return
        unlabelled = file.read(columns=["unlabelled"])["unlabelled"].to_numpy()
        if not unlabelled.any():
            return
        column = file.read(columns=HIDDEN_COLUMNS)["hidden"]
    for number in np.flatnonzero(unlabelled).tolist():
        yield number, tuple(_instance(target) for target in column[number].as_py())


def _instance(target: dict[str, Any]) -> HiddenInstance:
    """Make of a row's entry what its region needs: neither category nor visibility is read."""
    x0, y0, x1, y1 = (int(value) for value in target["amodal_bbox"])
    return HiddenInstance("", (x0, y0, x1, y1), target["amodal_rle"], 0.0)
