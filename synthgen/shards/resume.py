"""Whose directory this is, and which of its shards are finished (law 5).

`run.json` is written before the first shard and names what makes it; `.entries/` holds the
entry of each finished shard, written after the shard was renamed into place. The folder is
hidden because `datasets.load_dataset(directory)` takes every visible file for data.
"""

from __future__ import annotations

import fnmatch
from collections.abc import Callable, Mapping
from pathlib import Path

from pydantic import ValidationError

from synthgen.core.config import Model
from synthgen.core.errors import DatasetError
from synthgen.core.types import SPLITS
from synthgen.shards.differences import changed_parts
from synthgen.shards.manifest import MANIFEST, ShardEntry, retract_manifest
from synthgen.shards.schema import READABLE_VERSIONS, SCHEMA_VERSION
from synthgen.storage import Store, as_store

__all__ = ["claim", "finished", "forget", "record", "remove_leftovers"]

RUN = "run.json"
ENTRIES = ".entries"
SPELLING = 2  # of `parts`: 1 spelled every option of the recipe, 2 spells those that differ from their defaults

Parts = Mapping[str, str]


class _Run(Model):
    version: int
    fingerprint: str
    shard_rows: int
    parts: dict[str, str]
    spelling: int = 1


def claim(
    place: Path | Store,
    fingerprint: str,
    shard_rows: int,
    parts: Parts | None = None,
    *,
    respell: Callable[[Parts], Parts] | None = None,
) -> None:
    """Take a place for a run, or take it again to continue the same run.

    `parts` spells what went into the fingerprint, e.g. {"seed": "7", "assets": digest}, so that
    a refusal can name what differs. Sample counts belong in neither: growing continues a run.
    `respell` puts the parts of an older run.json as they are put today: if they are the same then, the
    run continues, and its run.json is written anew.

    Raises:
        DatasetError: Another run's dataset lies there; the message names what differs.
        OutputError: The place cannot be written.
    """
    store, wanted = (
        as_store(place),
        _Run(
            version=SCHEMA_VERSION,
            fingerprint=fingerprint,
            shard_rows=shard_rows,
            parts=dict(parts or {}),
            spelling=SPELLING,
        ),
    )
    found = _read_run(store)
    if found is None:
        _refuse_foreign_files(store)
    elif differences := _differences(_today(found, wanted, respell), wanted):
        raise DatasetError(
            f"{store.place}: holds a dataset of another run: {'; '.join(differences)}; "
            "go back to those settings to continue it, or choose another --output"
        )
    if found != wanted:
        store.put(RUN, (wanted.model_dump_json(indent=2) + "\n").encode())


def finished(place: Path | Store) -> dict[str, ShardEntry]:
    """Return the finished shards by file name: those noted, present, and of the noted length."""
    store, entries = as_store(place), {}
    for name in store.list(ENTRIES):
        entry = _read_entry(store, name)
        if entry is not None and _is_whole(store, entry):
            entries[entry.file] = entry
    return entries


def record(place: Path | Store, entry: ShardEntry) -> None:
    """Note a shard as finished, after it became visible."""
    as_store(place).put(_entry_name(entry.file), (entry.model_dump_json() + "\n").encode())


def forget(place: Path | Store, file: str) -> None:
    """Drop the note of a shard that is about to be replaced or removed."""
    as_store(place).delete(_entry_name(file))


def remove_leftovers(place: Path | Store, keep: set[str]) -> list[str]:
    """Remove shards of this run that a smaller dataset no longer has; return their names.

    Only files noted as this run's own are touched; the run would make them again, the same.

    Raises:
        OutputError: A file cannot be removed.
    """
    store = as_store(place)
    names = sorted(set(finished(store)) - keep)
    if names:
        retract_manifest(store)
    for name in names:
        forget(store, name)
        store.delete(name)
    return names


def _read_run(store: Store) -> _Run | None:
    try:
        return _Run.model_validate_json(store.read(RUN))
    except FileNotFoundError:
        return None
    except ValidationError:
        place = f"{store.place}/{RUN}"
        raise DatasetError(f"{place}: damaged or not written by synthgen; choose another --output") from None


def _refuse_foreign_files(store: Store) -> None:
    present = store.list()
    names = [name for split in sorted(SPLITS) for name in fnmatch.filter(present, f"{split}-*.parquet")]
    names += [MANIFEST] if MANIFEST in present else []
    if names:
        raise DatasetError(
            f"{store.place}: holds {names[0]} but no {RUN}, so it is unknown what made it; "
            "move the files away or choose another --output"
        )


def _today(found: _Run, wanted: _Run, respell: Callable[[Parts], Parts] | None) -> _Run:
    """Return an older run as today's would be written, as far as its settings are the same."""
    if found.version in READABLE_VERSIONS:  # later schemas added columns, which a reader knows to be absent
        found = found.model_copy(update={"version": SCHEMA_VERSION})
    if found.spelling == 1 and respell is not None:
        parts = dict(respell(found.parts))
        fingerprint = wanted.fingerprint if parts == wanted.parts else found.fingerprint
        found = found.model_copy(update={"parts": parts, "fingerprint": fingerprint, "spelling": SPELLING})
    return found


def _differences(found: _Run, wanted: _Run) -> list[str]:
    """Say for each setting what the directory has and what this run has."""
    differences = [
        f"{name} was {old}, is {new} now"
        for name, old, new in (
            ("schema version", found.version, wanted.version),
            ("shard_rows", found.shard_rows, wanted.shard_rows),
        )
        if old != new
    ]
    if found.fingerprint != wanted.fingerprint:
        differences += changed_parts(found.parts, wanted.parts) or [
            f"recipe, seed, size, assets or codec: fingerprint was {found.fingerprint[:12]}, "
            f"is {wanted.fingerprint[:12]} now"
        ]
    return differences


def _read_entry(store: Store, name: str) -> ShardEntry | None:
    """Return the entry, or None if it is damaged: the shard is then made again."""
    try:
        return ShardEntry.model_validate_json(store.read(name))
    except (OSError, ValueError):
        return None


def _is_whole(store: Store, entry: ShardEntry) -> bool:
    return store.has(entry.file) and store.size(entry.file) == entry.size_bytes


def _entry_name(file: str) -> str:
    return f"{ENTRIES}/{file}.json"
