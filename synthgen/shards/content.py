"""Hashes of what a dataset says, whatever files it says it in.

A row's hash covers the values of all its columns; a shard's is that of its rows' hashes in
order; the dataset's is that of all rows' hashes in order of (split, index), so it does not
depend on how many rows a file holds, nor on the version of the Parquet writer.
"""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from synthgen.shards.reader import ShardDataset
from synthgen.shards.schema import shard_schema

__all__ = ["combine", "dataset_hash", "row_hash"]

_COLUMNS = tuple(shard_schema().names)


def row_hash(row: Mapping[str, Any]) -> bytes:
    """Return the SHA-256 (32 bytes) over all columns of a row, in the schema's order."""
    digest = hashlib.sha256()
    for name in _COLUMNS:
        for part in _canonical(row[name]):
            digest.update(part)
    return digest.digest()


def combine(hashes: Iterable[bytes]) -> str:
    """Return the SHA-256 of concatenated row hashes, as hexadecimal."""
    digest = hashlib.sha256()
    for value in hashes:
        digest.update(value)
    return digest.hexdigest()


def dataset_hash(path: Path) -> str:
    """Hash the rows of a finished dataset, streaming them in order of split and index.

    Raises:
        DatasetError: There is no finished dataset, or a shard is missing or damaged.
    """
    dataset = ShardDataset.open(path)
    return combine(row_hash(row) for split in dataset.splits for row in dataset.rows(split))


def _canonical(value: object) -> Iterator[bytes]:
    """Spell a value without ambiguity: a tag, a length where it varies, the value."""
    if isinstance(value, bytes):
        yield b"b" + struct.pack("<q", len(value))
        yield value
    elif isinstance(value, str):
        text = value.encode()
        yield b"s" + struct.pack("<q", len(text)) + text
    elif isinstance(value, int):
        yield b"i" + struct.pack("<q", value)
    elif isinstance(value, float):
        yield b"f" + struct.pack("<f", value)
    else:
        yield from _canonical_container(value)


def _canonical_container(value: object) -> Iterator[bytes]:
    if value is None:
        yield b"n"
    elif isinstance(value, Mapping):
        yield b"m" + struct.pack("<q", len(value))
        for key in sorted(value):
            yield from _canonical(key)
            yield from _canonical(value[key])
    elif isinstance(value, list | tuple):
        yield b"l" + struct.pack("<q", len(value))
        for item in value:
            yield from _canonical(item)
    else:
        raise TypeError(f"a row holds {type(value).__name__}; expected bytes, text, numbers, lists and structs")
