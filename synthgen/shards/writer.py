"""Writing one shard: samples in, one durable Parquet file and its entry out (law 5)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any, TypeVar, cast

import pyarrow as pa
import pyarrow.parquet as pq

from synthgen.core.errors import DatasetError
from synthgen.core.files import sha256_of
from synthgen.core.types import Sample, Split
from synthgen.shards.codec import ImageCodec, encode_row
from synthgen.shards.content import combine, row_hash
from synthgen.shards.manifest import ShardEntry, retract_manifest
from synthgen.shards.resume import forget, record
from synthgen.shards.schema import shard_schema
from synthgen.storage import LocalStore, Store

__all__ = ["GROUP_ROWS", "put_rows", "put_shard", "write_rows", "write_shard"]

GROUP_ROWS = 128
"""Rows in a row group: a few megabytes at 256×256, what a reader of one row has to load."""

TALLIED = ("unlabelled", "unplaced")

T = TypeVar("T")


def write_shard(path: Path, samples: Iterable[Sample], codec: ImageCodec) -> ShardEntry:
    """Write `samples` as the shard `path` of a folder; see `put_shard`."""
    return put_shard(LocalStore(path.parent), path.name, samples, codec)


def put_shard(store: Store, file: str, samples: Iterable[Sample], codec: ImageCodec) -> ShardEntry:
    """Write `samples` as the shard `file`; see `put_rows`."""
    return put_rows(store, file, (encode_row(sample, codec) for sample in samples))


def put_rows(store: Store, file: str, rows: Iterable[dict[str, Any]]) -> ShardEntry:
    """Write rows of the schema as the shard `file`, note it as finished, and return its entry.

    The rows are of one split, in order of index without gap; 128 are in memory at a time.
    Replacing a shard retracts the dataset's manifest first.

    Raises:
        DatasetError: There is no row, or they are of two splits or out of order.
        OutputError: The shard cannot be written; nothing of it is left.
    """
    place = f"{store.place}/{file}"
    with store.stage(file) as temporary:
        first, hashes, tally = _write_rows(temporary, _checked(place, rows))
        if not hashes:
            raise DatasetError(f"{place}: a shard needs at least one sample; got none")
        sha256, size = sha256_of(temporary), temporary.stat().st_size
        if store.has(file):
            retract_manifest(store)
            forget(store, file)
    entry = ShardEntry(
        split=cast(Split, first["split"]),
        file=file,
        first=first["index"],
        rows=len(hashes),
        size_bytes=size,
        sha256=sha256,
        content_hash=combine(hashes),
        **tally,
    )
    record(store, entry)
    return entry


def write_rows(path: Path, rows: Iterable[dict[str, Any]]) -> None:
    """Write rows of the schema, any of them, as a Parquet file that is no shard of a dataset.

    Raises:
        OSError: It cannot be written.
    """
    _write_rows(path, iter(rows))


def _write_rows(path: Path, rows: Iterator[dict[str, Any]]) -> tuple[dict[str, Any], list[bytes], Counter[str]]:
    """Write all rows; return the first one's place, every row's hash, and the sums of `TALLIED`."""
    schema, first, hashes = shard_schema(), dict[str, Any](), list[bytes]()
    tally: Counter[str] = Counter()
    with pq.ParquetWriter(path, schema, **_encoding()) as writer:
        for group in _batched(rows, GROUP_ROWS):
            first = first or {name: group[0][name] for name in ("split", "index")}
            hashes.extend(row_hash(row) for row in group)
            tally.update({name: sum(row[name] for row in group) for name in TALLIED})
            writer.write_table(pa.Table.from_pylist(group, schema=schema))
    return first, hashes, tally


def _encoding() -> dict[str, Any]:
    """Compress text and run lengths; leave pictures, compressed already, as they are."""
    text = ["scene", "instances.list.element.amodal_rle", "hidden.list.element.amodal_rle"]
    repeated = ["split", "background_id", "instances.list.element.category", "instances.list.element.foreground_id"]
    repeated += ["hidden.list.element.category", "sequence_id"]
    return {
        "compression": dict.fromkeys([*text, *repeated], "zstd"),
        "use_dictionary": repeated,
        "write_statistics": ["index", "split", "label", "background_id"],
    }


def _checked(place: str, rows: Iterable[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    expected: tuple[str, int] | None = None
    for row in rows:
        found = (row["split"], row["index"])
        if expected is not None and found != expected:
            raise DatasetError(
                f"{place}: got sample {found[0]} {found[1]} where {expected[0]} {expected[1]} was expected; "
                "a shard holds consecutive samples of one split"
            )
        expected = (found[0], found[1] + 1)
        yield row


def _batched(items: Iterator[T], size: int) -> Iterator[list[T]]:
    while group := list(islice(items, size)):
        yield group
