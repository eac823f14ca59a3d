"""Whose directory this is, and which of its shards are finished (law 5).

`run.json` is written before the first shard and names what makes it; `.entries/` holds the
entry of each finished shard, written after the shard was renamed into place. The folder is
hidden because `datasets.load_dataset(directory)` takes every visible file for data.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from pydantic import ValidationError

from synthgen.core.config import Model
from synthgen.core.errors import DatasetError, OutputError
from synthgen.core.files import make_directory, write_atomic
from synthgen.core.types import SPLITS
from synthgen.shards.manifest import MANIFEST, ShardEntry
from synthgen.shards.schema import SCHEMA_VERSION

__all__ = ["claim", "finished", "forget", "record", "remove_leftovers"]

RUN = "run.json"
ENTRIES = ".entries"


class _Run(Model):
    version: int
    fingerprint: str
    shard_rows: int
    parts: dict[str, str]


def claim(directory: Path, fingerprint: str, shard_rows: int, parts: Mapping[str, str] | None = None) -> None:
    """Take `directory` for a run, or take it again to continue the same run.

    `parts` spells what went into the fingerprint, e.g. {"seed": "7", "assets": digest}, so that
    a refusal can name what differs. Sample counts belong in neither: growing continues a run.

    Raises:
        DatasetError: Another run's dataset lies there; the message names what differs.
        OutputError: The directory cannot be written.
    """
    wanted = _Run(version=SCHEMA_VERSION, fingerprint=fingerprint, shard_rows=shard_rows, parts=dict(parts or {}))
    make_directory(directory)
    found = _read_run(directory)
    if found is None:
        _refuse_foreign_files(directory)
        write_atomic(directory / RUN, (wanted.model_dump_json(indent=2) + "\n").encode())
        return
    if differences := _differences(found, wanted):
        raise DatasetError(
            f"{directory}: holds a dataset of another run: {'; '.join(differences)}; "
            "go back to those settings to continue it, or choose another --output"
        )


def finished(directory: Path) -> dict[str, ShardEntry]:
    """Return the finished shards by file name: those noted, present, and of the noted length."""
    entries = {}
    for path in sorted((directory / ENTRIES).glob("*.json")):
        entry = _read_entry(path)
        if entry is not None and _is_whole(directory / entry.file, entry):
            entries[entry.file] = entry
    return entries


def record(directory: Path, entry: ShardEntry) -> None:
    """Note a shard as finished, after it was renamed into place."""
    make_directory(directory / ENTRIES)
    write_atomic(_entry_path(directory, entry.file), (entry.model_dump_json() + "\n").encode())


def forget(directory: Path, file: str) -> None:
    """Drop the note of a shard that is about to be replaced."""
    _entry_path(directory, file).unlink(missing_ok=True)


def remove_leftovers(directory: Path, keep: set[str]) -> list[str]:
    """Remove shards of this run that a smaller dataset no longer has; return their names.

    Only files noted as this run's own are touched; the run would make them again, the same.

    Raises:
        OutputError: A file cannot be removed.
    """
    names = sorted(set(finished(directory)) - keep)
    try:
        if names:
            (directory / MANIFEST).unlink(missing_ok=True)
        for name in names:
            forget(directory, name)
            (directory / name).unlink()
    except OSError as error:
        reason = error.strerror or error
        raise OutputError(f"{directory}: cannot remove {names}: {reason}; check permissions") from error
    return names


def _read_run(directory: Path) -> _Run | None:
    path = directory / RUN
    if not path.exists():
        return None
    try:
        return _Run.model_validate_json(path.read_bytes())
    except ValidationError:
        raise DatasetError(f"{path}: damaged or not written by synthgen; choose another --output") from None


def _refuse_foreign_files(directory: Path) -> None:
    names = sorted(path.name for split in SPLITS for path in directory.glob(f"{split}-*.parquet"))
    if (directory / MANIFEST).exists():
        names.append(MANIFEST)
    if names:
        raise DatasetError(
            f"{directory}: holds {names[0]} but no {RUN}, so it is unknown what made it; "
            "move the files away or choose another --output"
        )


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
        differences += _changed_parts(found.parts, wanted.parts) or [
            f"recipe, seed, size, assets or codec: fingerprint was {found.fingerprint[:12]}, "
            f"is {wanted.fingerprint[:12]} now"
        ]
    return differences


def _changed_parts(old: dict[str, str], new: dict[str, str]) -> list[str]:
    names = sorted(name for name in old.keys() | new.keys() if old.get(name) != new.get(name))
    return [f"{name} was {_short(old.get(name))}, is {_short(new.get(name))} now" for name in names]


def _short(value: str | None) -> str:
    if value is None:
        return "not set"
    return value if len(value) <= 40 else f"{value[:12]}…"


def _read_entry(path: Path) -> ShardEntry | None:
    """Return the entry, or None if it is damaged: the shard is then made again."""
    try:
        return ShardEntry.model_validate(json.loads(path.read_bytes()))
    except (OSError, ValueError):
        return None


def _is_whole(path: Path, entry: ShardEntry) -> bool:
    return path.is_file() and path.stat().st_size == entry.size_bytes


def _entry_path(directory: Path, file: str) -> Path:
    return directory / ENTRIES / f"{file}.json"
