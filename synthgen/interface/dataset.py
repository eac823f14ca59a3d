"""`synthgen.open`: a finished dataset as a sequence of rows."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from functools import partial
from importlib import import_module
from itertools import accumulate
from operator import index as whole
from pathlib import Path
from types import ModuleType
from typing import Any, overload

import pyarrow as pa

from synthgen.core.errors import DatasetError
from synthgen.core.pictures import encode_png
from synthgen.core.types import Instance, Split
from synthgen.engine.playback import read_scene
from synthgen.interface.row import Row
from synthgen.report.contact_sheet import sheet_of
from synthgen.scene.scene import Scene
from synthgen.shards.codec import decode_instances
from synthgen.shards.manifest import Manifest
from synthgen.shards.reader import ShardDataset
from synthgen.shards.samples import ShardSamples
from synthgen.shards.schema import PIXEL_COLUMNS, shard_schema
from synthgen.storage import Store

__all__ = ["Dataset", "open"]

SHOWN = 8  # rows drawn in a notebook
COLUMNS = 4  # of that drawing


def open(path: str | Path | Store) -> Dataset:
    """Open a finished dataset.

    Example:
        >>> import synthgen
        >>> synthgen.open("data/firearms")
        <Dataset firearms: 24 rows of 96×128 pixels (16 train, 4 val, 4 test), categories handgun>

    Args:
        path: The folder that `synthgen generate` wrote to, or a store of another file system.

    Raises:
        DatasetError: There is no finished dataset.
    """
    shards = ShardDataset.open(path if isinstance(path, Store) else Path(path).expanduser())
    samples = {split: ShardSamples(shards, split) for split in shards.splits}
    return Dataset(shards, samples, range(sum(map(len, samples.values()))))


class Dataset(Sequence[Row]):
    """Rows of a dataset: all, those of a split, or a slice; what it holds is read when it is asked for.

    A slice or a split is a dataset again and copies nothing. torch's DataLoader takes it as it is.

    Example:
        >>> import synthgen
        >>> dataset = synthgen.open("data/firearms")
        >>> len(dataset), dataset.splits, dataset["test"][0].name, dataset[-1].name
        (24, ('train', 'val', 'test'), 'test-000000', 'test-000003')
        >>> dataset["train"][4:10]
        <Dataset firearms: 6 rows of 96×128 pixels (6 train), categories handgun>
        >>> dataset.to_arrow().column_names[:3]
        ['index', 'sample_id', 'split']
    """

    def __init__(self, shards: ShardDataset, samples: Mapping[Split, ShardSamples], places: range) -> None:
        """Hold places, counted over all splits in the order train, val, test; `synthgen.open` makes datasets."""
        self._shards, self._samples, self._places = shards, samples, places
        ends = list(accumulate(map(len, samples.values())))
        self._splits = dict(zip(samples, map(range, [0, *ends], ends), strict=False))

    @property
    def manifest(self) -> Manifest:
        """What made the dataset: recipe, seed, categories, licences, shards."""
        return self._shards.manifest

    @property
    def splits(self) -> tuple[Split, ...]:
        """The splits that have rows here."""
        return tuple(split for split in self._samples if self._within(split))

    @property
    def categories(self) -> tuple[str, ...]:
        """Every category a target may have, sorted."""
        return tuple(self.manifest.categories)

    def __len__(self) -> int:
        """Number of rows."""
        return len(self._places)

    @overload
    def __getitem__(self, key: int) -> Row: ...

    @overload
    def __getitem__(self, key: slice | str) -> Dataset: ...

    def __getitem__(self, key: int | slice | str) -> Row | Dataset:
        """Return a row by its number, a dataset of some rows by a slice, or of a split's rows by its name.

        Raises:
            IndexError: There is no such row.
            DatasetError: There is no such split, or a shard is damaged.
        """
        if isinstance(key, slice):
            return Dataset(self._shards, self._samples, self._places[key])
        if isinstance(key, str):
            if key not in self._splits:
                raise DatasetError(f"{self._shards.place}: no split {key!r}; choose one of: {', '.join(self._splits)}")
            return Dataset(self._shards, self._samples, self._within(key))
        number = whole(key)
        if not -len(self) <= number < len(self):
            raise IndexError(f"row {number} of {len(self)}")
        return self._row(self._places[number])

    def __getitems__(self, keys: Sequence[int]) -> list[Row]:
        """Return some rows; torch's DataLoader asks for a batch so."""
        return [self[key] for key in keys]

    def to_arrow(self) -> pa.Table:
        """Return all columns but `image` and `mask`.

        Raises:
            DatasetError: A shard is missing or damaged.
        """
        columns = [name for name in shard_schema().names if name not in PIXEL_COLUMNS]
        tables = [pa.table({name: pa.array([], shard_schema().field(name).type) for name in columns})]
        for split in self.splits[:: self._places.step // abs(self._places.step)]:
            table, places, every = self._shards.table(split, columns), self._within(split), self._splits[split]
            chosen = pa.array([place - every.start for place in places], pa.int64())
            tables.append(table if places == every else table.take(chosen))
        return pa.concat_tables(table.replace_schema_metadata(None) for table in tables)  # metadata speak of pictures

    def to_pandas(self) -> Any:
        """Return all columns but `image` and `mask` as a pandas DataFrame.

        Raises:
            ImportError: pandas is not installed.
            DatasetError: A shard is missing or damaged.
        """
        _needed("pandas", "to_pandas")
        return self.to_arrow().to_pandas()

    def to_hf(self) -> Any:
        """Return a `datasets.DatasetDict` of the splits, pictures included.

        Hugging Face `datasets` copies the rows into its cache when it sees them for the first time.

        Raises:
            ImportError: datasets is not installed.
            DatasetError: A shard is missing.
        """
        datasets = _needed("datasets", "to_hf")
        files = {split: [str(path) for path in self._shards.shard_paths(split)] for split in self.splits}
        loaded = datasets.load_dataset("parquet", data_files=files)
        for split in self.splits:
            places, every = self._within(split), self._splits[split]
            if places != every:
                loaded[split] = loaded[split].select([place - every.start for place in places])
        return loaded

    def __repr__(self) -> str:
        """Say what it is and what it holds."""
        height, width = self.manifest.size
        counts = ", ".join(f"{len(self._within(split)):,} {split}" for split in self.splits) or "none"
        categories = ", ".join(self.categories)
        rows = f"{len(self):,} row{'' if len(self) == 1 else 's'}"
        return f"<Dataset {self._name}: {rows} of {height}×{width} pixels ({counts}), categories {categories}>"

    def _repr_png_(self) -> bytes | None:
        """Show it in a notebook: a few rows, spread evenly, with masks and boxes drawn on them."""
        if not len(self):
            return None
        shown = min(SHOWN, len(self))
        tiles = [self[position * len(self) // shown].tile() for position in range(shown)]
        return encode_png(sheet_of(tiles, self._name, f"{shown} of {len(self):,} rows", columns=COLUMNS))

    @property
    def _name(self) -> str:
        return Path(self._shards.place).resolve().name

    def _within(self, split: Split) -> range:
        """Return the places that lie in a split, in the order that they have."""
        first, end = self._splits[split].start, self._splits[split].stop
        upward = self._places if self._places.step > 0 else self._places[::-1]
        found = upward[bisect_left(upward, first) : bisect_left(upward, end)]
        return found if self._places.step > 0 else found[::-1]

    def _row(self, place: int) -> Row:
        split, places = next((split, places) for split, places in self._splits.items() if place in places)
        index = place - places.start
        where = (self._shards, split, index)
        picture = self._samples[split][index]
        return Row(split, index, picture, partial(_read_instances, *where), partial(_read_scene, *where))


def _read_instances(shards: ShardDataset, split: Split, index: int) -> tuple[Instance, ...]:
    return decode_instances(shards.row(split, index, ["instances", "tracks"]))


def _read_scene(shards: ShardDataset, split: Split, index: int) -> Scene:
    row = shards.row(split, index, ["scene"])
    return read_scene(row["scene"], f"{shards.place}: {split}[{index}]", shards.manifest)


def _needed(package: str, method: str) -> ModuleType:
    try:
        return import_module(package)
    except ImportError as error:
        raise ImportError(f"{method}() needs the package {package}: pip install {package}") from error
