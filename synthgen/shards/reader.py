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
from synthgen.shards.schema import YOUNGER_COLUMNS, shard_schema
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
                f"{self.place}: no split {split!r}; present: {present}; choose one that is, "
                f"or set samples.{split} and generate again"
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
        names = None if columns is None else list(columns)
        tables = []
        for path in self.shard_paths(split):
            with _opened(path, names) as file:
                tables.append(_completed(file.read(columns=names), names))
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
    names = None if columns is None else list(columns)
    with _opened(path, names) as file:
        for batch in file.iter_batches(BATCH_ROWS, columns=names):
            yield from _completed(batch, names).to_pylist()


def _nth_row(path: Path, position: int, columns: Sequence[str] | None) -> dict[str, Any]:
    names = None if columns is None else list(columns)
    with _opened(path, names) as file:
        for group in range(file.num_row_groups):
            rows = file.metadata.row_group(group).num_rows
            if position < rows:
                found = file.read_row_group(group, columns=names).slice(position, 1)
                row: dict[str, Any] = _completed(found, names).to_pylist()[0]
                return row
            position -= rows
    raise DatasetError(f"{path}: fewer rows than the manifest says; run `synthgen verify` on the dataset")


def damaged_shard(path: Path, reason: object) -> DatasetError:
    """Say that a shard cannot be read, and what to do."""
    return DatasetError(f"{path}: damaged shard: {reason}; delete it and run `synthgen generate` again")


def _missing(place: object) -> DatasetError:
    return DatasetError(f"{place}: named in the manifest but missing; run `synthgen generate` again")


@contextmanager
def _opened(path: Path, columns: list[str] | None) -> Iterator[pq.ParquetFile]:
    try:
        with pq.ParquetFile(path, memory_map=True) as file:
            _check_columns(path, file, columns)
            yield file
    except FileNotFoundError:
        raise _missing(path) from None
    except (pa.ArrowException, OSError) as error:
        raise damaged_shard(path, str(error).partition("\n")[0] or type(error).__name__) from error


def _completed(rows: pa.Table | pa.RecordBatch, columns: list[str] | None) -> Any:
    """Add the columns that are asked for and that shards of an older version lack, as nulls."""
    for name in YOUNGER_COLUMNS:
        if name not in rows.schema.names and (columns is None or name in columns):
            rows = rows.append_column(name, pa.nulls(rows.num_rows, shard_schema().field(name).type))
    return rows


def _check_columns(path: Path, file: pq.ParquetFile, columns: list[str] | None) -> None:
    known = file.schema_arrow.names
    unknown = [name for name in columns or [] if name.split(".")[0] not in (*known, *YOUNGER_COLUMNS)]
    if unknown:
        raise DatasetError(f"{path}: no column {unknown[0]!r}; choose from: {', '.join(known)}")
