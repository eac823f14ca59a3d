"""Hashes of what a dataset says, whatever files it says it in.

A row's hash covers the values of all its columns, of the younger ones only where there is something in them, so that
rows of older datasets keep their hashes; a shard's is that of its rows' hashes in
order; the dataset's is that of all rows' hashes in order of (split, index), so it does not
depend on how many rows a file holds, nor on the version of the Parquet writer.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import orjson

from synthgen.shards.reader import ShardDataset
from synthgen.shards.schema import YOUNGER_COLUMNS, shard_schema
from synthgen.storage import Store

__all__ = ["combine", "dataset_hash", "row_hash"]

_COLUMNS = tuple(name for name in shard_schema().names if name not in YOUNGER_COLUMNS)


def row_hash(row: Mapping[str, Any]) -> bytes:
    """Return the SHA-256 (32 bytes) of a row: its JSON with sorted keys, then its binary cells in that order."""
    cells = list[bytes]()

    def noted(cell: object) -> str:
        if not isinstance(cell, bytes):
            raise TypeError(f"a row holds {type(cell).__name__}; expected bytes, text, numbers, lists and structs")
        cells.append(cell)
        return f"{len(cell)} bytes"

    values = {name: row[name] for name in _COLUMNS}
    values |= {name: row[name] for name in YOUNGER_COLUMNS if row.get(name) not in (None, [])}
    digest = hashlib.sha256(orjson.dumps(values, default=noted, option=orjson.OPT_SORT_KEYS))
    for cell in cells:
        digest.update(cell)
    return digest.digest()


def combine(hashes: Iterable[bytes]) -> str:
    """Return the SHA-256 of concatenated row hashes, as hexadecimal."""
    digest = hashlib.sha256()
    for value in hashes:
        digest.update(value)
    return digest.hexdigest()


def dataset_hash(place: Path | Store) -> str:
    """Hash the rows of a finished dataset, streaming them in order of split and index.

    Raises:
        DatasetError: There is no finished dataset, or a shard is missing or damaged.
    """
    dataset = ShardDataset.open(place)
    return combine(row_hash(row) for split in dataset.splits for row in dataset.rows(split))
