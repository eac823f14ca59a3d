"""Reading a finished dataset: by split, streaming, or one row at a time."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from synthgen.core.errors import DatasetError
from synthgen.core.types import SPLITS, Split
from synthgen.shards.manifest import MANIFEST, Manifest, ShardEntry, read_manifest
from synthgen.shards.schema import SCHEMA_VERSION, shard_schema
from synthgen.storage import Store, as_store

__all__ = ["ShardDataset", "damaged_shard", "read_rows"]

BATCH_ROWS = 128


@dataclass(frozen=True)
class ShardDataset:
    """A finished dataset on disk; cheap to hold, to pickle and to send to workers.

    Example:
        >>> dataset = ShardDataset.open(Path("dataset"))  # doctest: +SKIP
        >>> image = decode_image(dataset.row("train", 0)["image"]["bytes"])  # doctest: +SKIP

    Attributes:
        store: Where it lies.
        manifest: What made it, and its shards.
    """

    store: Store
    manifest: Manifest

    @classmethod
    def open(cls, place: Path | Store) -> ShardDataset:
        """Open the dataset in a folder or a store.

        Raises:
            DatasetError: There is no manifest, i.e. no finished dataset.
        """
        store = as_store(place)
        return cls(store, read_manifest(store))

    @property
    def place(self) -> str:
        """Where it lies, for messages."""
        return self.store.place

    @property
    def path(self) -> Path:
        """Where it lies, as a path."""
        return Path(self.store.place)

    @property
    def sha256(self) -> str:
        """SHA-256 of the manifest, which names every shard by its own hash."""
        return hashlib.sha256(self.store.read(MANIFEST)).hexdigest()

    @property
    def splits(self) -> tuple[Split, ...]:
        """The splits that have rows, in the order train, val, test."""
        present = {entry.split for entry in self.manifest.shards}
        return tuple(split for split in SPLITS if split in present)

    def entries(self, split: Split) -> list[ShardEntry]:
        """Return the shards of a split in order of index.

        Raises:
            DatasetError: The split has no rows; the message lists those that have.
        """
        found = sorted((entry for entry in self.manifest.shards if entry.split == split), key=lambda entry: entry.first)
        if not found:
            present = ", ".join(self.splits) or "none"
            raise DatasetError(
                f"{self.place}: no split {split!r}; present: {present}; set samples.{split} and generate again"
            )
        return found

    def shard_paths(self, split: Split) -> list[Path]:
        """Return the files of a split in order of index.

        Raises:
            DatasetError: The split has no rows, or a file is missing.
        """
        return [self.local(entry) for entry in self.entries(split)]

    def local(self, entry: ShardEntry) -> Path:
        """Return a shard's file on this machine; leave it unchanged.

        Raises:
            DatasetError: The file is missing.
        """
        try:
            return self.store.local(entry.file)
        except FileNotFoundError:
            raise _missing(f"{self.place}/{entry.file}") from None

    def count(self, split: Split) -> int:
        """Return the number of rows of a split; 0 if it has none."""
        return sum(entry.rows for entry in self.manifest.shards if entry.split == split)

    def table(self, split: Split, columns: Sequence[str] | None = None) -> pa.Table:
        """Read a split into memory; name the columns unless you want the pictures too.

        Raises:
            DatasetError: The split has no rows, or a file is missing, damaged or without such a column.
        """
        tables = []
        for path in self.shard_paths(split):
            with _opened(path, columns) as (file, present, absent):
                tables.append(_filled(file.read(columns=present), absent))
        return pa.concat_tables(tables)

    def rows(self, split: Split, columns: Sequence[str] | None = None) -> Iterator[dict[str, Any]]:
        """Stream the rows of a split in order of index, 128 in memory at a time.

        Raises:
            DatasetError: The split has no rows, or a file is missing, damaged or without such a column.
        """
        for path in self.shard_paths(split):
            yield from read_rows(path, columns)

    def row(self, split: Split, index: int, columns: Sequence[str] | None = None) -> dict[str, Any]:
        """Read one row of a split by its index.

        Raises:
            DatasetError: There is no such row.
        """
        for entry in self.entries(split):
            if entry.first <= index < entry.first + entry.rows:
                return _nth_row(self.local(entry), index - entry.first, columns)
        raise DatasetError(f"{self.place}: no row {index} in {split!r}; expected 0 to {self.count(split) - 1}")


def read_rows(path: Path, columns: Sequence[str] | None = None) -> Iterator[dict[str, Any]]:
    """Stream the rows of one shard.

    Raises:
        DatasetError: The file is missing, damaged or without such a column.
    """
    with _opened(path, columns) as (file, present, absent):
        blank = dict.fromkeys(absent)
        for batch in file.iter_batches(BATCH_ROWS, columns=present):
            yield from ({**row, **blank} for row in batch.to_pylist()) if blank else batch.to_pylist()


def _nth_row(path: Path, position: int, columns: Sequence[str] | None) -> dict[str, Any]:
    with _opened(path, columns) as (file, present, absent):
        for group in range(file.num_row_groups):
            rows = file.metadata.row_group(group).num_rows
            if position < rows:
                row: dict[str, Any] = file.read_row_group(group, columns=present).slice(position, 1).to_pylist()[0]
                return {**row, **dict.fromkeys(absent)}
            position -= rows
    raise DatasetError(f"{path}: fewer rows than the manifest says; run `synthgen verify` on the dataset")


def damaged_shard(path: Path, reason: object) -> DatasetError:
    """Say that a shard cannot be read, and what to do."""
    return DatasetError(f"{path}: damaged shard: {reason}; delete it and run `synthgen generate` again")


def _missing(place: object) -> DatasetError:
    return DatasetError(f"{place}: named in the manifest but missing; run `synthgen generate` again")


@contextmanager
def _opened(path: Path, columns: Sequence[str] | None) -> Iterator[tuple[pq.ParquetFile, list[str] | None, list[str]]]:
    """Open a shard; yield it, the columns to read (None for all), and those that it is too old to have."""
    try:
        with pq.ParquetFile(path, memory_map=True) as file:
            absent = _absent_columns(path, file, columns)
            yield file, None if columns is None else [name for name in columns if name not in absent], absent
    except FileNotFoundError:
        raise _missing(path) from None
    except (pa.ArrowException, OSError) as error:
        raise damaged_shard(path, str(error).partition("\n")[0] or type(error).__name__) from error


def _absent_columns(path: Path, file: pq.ParquetFile, columns: Sequence[str] | None) -> list[str]:
    """Return the columns that came with a later schema than the file's; their values are None."""
    known = file.schema_arrow.names
    later = _later_columns(file.schema_arrow)
    unknown = [name for name in columns or [] if name.split(".")[0] not in (*known, *later)]
    if unknown:
        raise DatasetError(f"{path}: no column {unknown[0]!r}; choose from: {', '.join(known)}")
    return [name for name in later if columns is None or name in columns]


def _later_columns(schema: pa.Schema) -> list[str]:
    version = (schema.metadata or {}).get(b"synthgen.schema_version", b"")
    if version == str(SCHEMA_VERSION).encode():
        return []
    return [name for name in shard_schema().names if name not in schema.names]


def _filled(table: pa.Table, absent: list[str]) -> pa.Table:
    schema = shard_schema()
    for name in absent:
        table = table.append_column(schema.field(name), pa.nulls(table.num_rows, schema.field(name).type))
    return table
