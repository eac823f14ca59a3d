"""The whole dataset held against its manifest, its own masks, and the firewall between splits."""

from __future__ import annotations

import fnmatch
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from synthgen.core.errors import DatasetError
from synthgen.core.files import sha256_of
from synthgen.core.types import SPLITS, Split
from synthgen.shards.content import combine, row_hash
from synthgen.shards.firewall import Firewall
from synthgen.shards.manifest import Manifest, ShardEntry
from synthgen.shards.reader import ShardDataset, read_rows
from synthgen.shards.rowcheck import check_row
from synthgen.shards.sequences import Continuity
from synthgen.storage import Store

__all__ = ["VerifyReport", "verify_dataset"]


@dataclass(frozen=True, slots=True)
class VerifyReport:
    """What `verify_dataset` looked at and found.

    Attributes:
        rows: Rows read.
        pixels: Pixels of their masks.
        problems: One sentence each, naming file or sample; empty if all is well.
    """

    rows: int
    pixels: int
    problems: tuple[str, ...]


def verify_dataset(place: Path | Store, *, progress: Callable[[int], None] | None = None) -> VerifyReport:
    """Check every file, row and mask of a finished dataset, and that no asset is in two splits.

    `progress` is called with 1 after each row.

    Raises:
        DatasetError: There is no finished dataset at `place`.
    """
    dataset = ShardDataset.open(place)
    manifest = dataset.manifest
    firewall, continuity, done, pixels = Firewall(), Continuity(), 0, 0
    problems = list(_check_listing(dataset))
    for entry in sorted(manifest.shards, key=lambda entry: (SPLITS.index(entry.split), entry.first)):
        for row, found in _check_shard(dataset, entry):
            problems.extend(found)
            if row is not None:
                firewall.see(row)
                problems.extend(f"{entry.file}: {row['sample_id']}: {found}" for found in continuity.see(row))
                done, pixels = done + 1, pixels + row["height"] * row["width"]
                if progress is not None:
                    progress(1)
    problems.extend(firewall.problems(manifest.foreground_groups, manifest.background_groups))
    return VerifyReport(done, pixels, tuple(problems))


def _check_listing(dataset: ShardDataset) -> Iterator[str]:
    """Yield shards that lie there and are unknown to the manifest, and gaps between those that are known."""
    listed, present = {entry.file for entry in dataset.manifest.shards}, dataset.store.list()
    for split in SPLITS:
        for file in fnmatch.filter(present, f"{split}-*.parquet"):
            if file not in listed:
                yield f"{file}: not in the manifest; move it away"
        yield from _check_contiguous(split, dataset.manifest)


def _check_contiguous(split: Split, manifest: Manifest) -> Iterator[str]:
    expected = 0
    for entry in manifest.shards:
        if entry.split == split:
            if entry.first != expected:
                yield f"{entry.file}: begins at index {entry.first}, expected {expected}"
            expected = entry.first + entry.rows


def _check_shard(dataset: ShardDataset, entry: ShardEntry) -> Iterator[tuple[dict[str, Any] | None, list[str]]]:
    """Yield each row with its problems, and the shard's own problems with None."""
    manifest, hashes = dataset.manifest, list[bytes]()
    try:
        file = dataset.store.local(entry.file)
        if sha256_of(file) != entry.sha256:
            yield None, [f"{entry.file}: SHA-256 differs from the manifest's: the file was changed"]
        for position, row in enumerate(read_rows(file)):
            hashes.append(row_hash(row))
            yield row, _check_placed_row(row, entry, entry.first + position, manifest)
    except FileNotFoundError:
        yield None, [f"{entry.file}: named in the manifest but missing"]
        return
    except DatasetError as error:
        yield None, [str(error)]
        return
    if len(hashes) != entry.rows:
        yield None, [f"{entry.file}: {len(hashes)} rows, the manifest says {entry.rows}"]
    if combine(hashes) != entry.content_hash:
        yield None, [f"{entry.file}: content hash differs from the manifest's"]


def _check_placed_row(row: dict[str, Any], entry: ShardEntry, index: int, manifest: Manifest) -> list[str]:
    problems = []
    if (row["split"], row["index"]) != (entry.split, index):
        problems.append(f"is {row['split']} {row['index']}, expected {entry.split} {index}")
    problems.extend(check_row(row, manifest.size, set(manifest.categories)))
    if entry.split != "test":
        shown = {instance["category"] for instance in row["instances"]}
        problems.extend(f"shows {name}, which is held out for test" for name in manifest.held_out if name in shown)
    return [f"{entry.file}: {row['sample_id']}: {problem}" for problem in problems]
