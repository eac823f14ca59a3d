"""The bytes of a split's pictures, any row at once, without reading what lies around them.

Shards store pictures uncompressed (`shards.writer`), so each lies in its file as it is. A column chunk of a row group
is a few data pages (Parquet format, "Data Pages"): a Thrift header, definition levels, then for every row a
length and the bytes. Walking the lengths once finds all rows of the group; from then on a picture is a view of
the memory-mapped file, which costs no copy and whose memory all processes share.
"""

from __future__ import annotations

import mmap
from bisect import bisect_right
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from struct import Struct, error
from typing import Literal

import pyarrow as pa
import pyarrow.parquet as pq

from synthgen.core.errors import DatasetError
from synthgen.core.types import Split
from synthgen.shards.reader import ShardDataset, damaged_shard

__all__ = ["PictureColumn"]

OPEN_SHARDS = 256  # files mapped at a time, well below the usual limit of open files
READ_AHEAD = getattr(mmap, "MADV_WILLNEED", None)  # which Windows does not have
DATA_PAGE = 0
LENGTH = Struct("<I")


class PictureColumn:
    """A sequence of encoded pictures: column `image` or `mask` of a split, in order of index."""

    def __init__(self, dataset: ShardDataset, split: Split, column: Literal["image", "mask"]) -> None:
        """Look at the manifest; shards are opened when their rows are asked for.

        Raises:
            DatasetError: The split has no rows, or a file is missing.
        """
        self._paths = dataset.shard_paths(split)
        self._firsts = [entry.first for entry in dataset.entries(split)]
        self._length = dataset.count(split)
        self._open = lru_cache(OPEN_SHARDS)(lambda shard: _Shard(self._paths[shard], f"{column}.bytes"))

    def __len__(self) -> int:
        """Rows of the split."""
        return self._length

    def __getitem__(self, row: int) -> memoryview:
        """Return the bytes of a row's picture.

        Raises:
            IndexError: There is no such row.
            DatasetError: The shard is damaged, or written by another tool than synthgen.
        """
        if not 0 <= row < self._length:
            raise IndexError(f"row {row} of {self._length}")
        shard = bisect_right(self._firsts, row) - 1
        return self._open(shard).picture(row - self._firsts[shard])


class _Shard:
    """One file's pictures of one column."""

    def __init__(self, path: Path, column: str) -> None:
        self._path = path
        try:
            metadata = pq.read_metadata(path, memory_map=True)
            with path.open("rb") as file:
                self._bytes = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
            self._view = memoryview(self._bytes)
        except (pa.ArrowException, OSError, ValueError) as reason:
            raise damaged_shard(path, reason) from reason
        names = [metadata.schema.column(number).path for number in range(metadata.num_columns)]
        chunks = [metadata.row_group(group).column(names.index(column)) for group in range(metadata.num_row_groups)]
        if any(chunk.compression != "UNCOMPRESSED" or chunk.has_dictionary_page for chunk in chunks):
            raise DatasetError(f"{path}: {column} is compressed, so synthgen did not write it; generate it again")
        self._chunks = [(chunk.data_page_offset, chunk.total_compressed_size) for chunk in chunks]
        self._starts = [0]
        for chunk in chunks:
            self._starts.append(self._starts[-1] + chunk.num_values)
        self._places: dict[int, list[slice]] = {}

    def picture(self, position: int) -> memoryview:
        group = bisect_right(self._starts, position) - 1
        places = self._places.get(group)
        if places is None:  # two threads may both do this, with the same result
            places = self._places[group] = self._walk(group)
        return self._view[places[position - self._starts[group]]]

    def _walk(self, group: int) -> list[slice]:
        """Return where each picture of a row group begins and ends in the file."""
        start, size = self._chunks[group]
        if READ_AHEAD is not None:
            page = start - start % mmap.PAGESIZE
            self._bytes.madvise(READ_AHEAD, page, start + size - page)
        try:
            places = list(_places(self._bytes, start, start + size))
        except (LookupError, error) as reason:
            raise damaged_shard(self._path, reason) from reason
        if len(places) != self._starts[group + 1] - self._starts[group]:
            raise damaged_shard(self._path, f"{len(places)} pictures in row group {group}")
        return places


def _places(data: mmap.mmap, offset: int, end: int) -> Iterator[slice]:
    """Yield the place of every value of a column chunk of plain byte arrays, none of them null."""
    while offset < end:
        header, offset = _read_struct(data, offset)
        page_end = offset + header[3]
        if header[1] == DATA_PAGE:
            offset += 4 + LENGTH.unpack_from(data, offset)[0]  # definition levels
            while offset < page_end:
                begin = offset + 4
                offset = begin + LENGTH.unpack_from(data, offset)[0]
                yield slice(begin, offset)
        if offset != page_end:
            raise IndexError(f"a page ends at byte {page_end}, its values at {offset}")


def _read_struct(data: mmap.mmap, offset: int) -> tuple[dict[int, int], int]:
    """Read a struct of Thrift's compact protocol; return its integers by field number, and where it ends."""
    fields, number = dict[int, int](), 0
    while head := data[offset]:
        kind, step = head & 15, head >> 4
        offset += 1
        if step == 0:
            number, offset = _read_integer(data, offset)
        else:
            number += step
        if kind in (1, 2):  # true and false have no value
            continue
        if kind in (4, 5, 6):
            fields[number], offset = _read_integer(data, offset)
        elif kind == 12:
            _, offset = _read_struct(data, offset)
        else:
            raise IndexError(f"page header with a field of kind {kind}")
    return fields, offset + 1


def _read_integer(data: mmap.mmap, offset: int) -> tuple[int, int]:
    """Read a zigzag varint."""
    value, shift = 0, 0
    while True:
        byte = data[offset]
        value |= (byte & 127) << shift
        offset, shift = offset + 1, shift + 7
        if byte < 128:
            return (value >> 1) ^ -(value & 1), offset
