"""What a finished dataset consists of: manifest.json, written last of all (law 5)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pydantic import Field, ValidationError

from synthgen.core.config import Model
from synthgen.core.errors import DatasetError
from synthgen.core.types import SPLITS, Size, Split
from synthgen.shards.schema import READABLE_VERSIONS, SCHEMA_VERSION
from synthgen.storage import Store, as_store

__all__ = [
    "ATTRIBUTION",
    "MANIFEST",
    "Manifest",
    "Origin",
    "ShardEntry",
    "pseudo_assets",
    "read_manifest",
    "retract_manifest",
    "shard_file",
    "write_manifest",
]

MANIFEST = "manifest.json"

ATTRIBUTION = "ATTRIBUTION.md"
"""Page beside it that says who made the assets."""


class ShardEntry(Model):
    """One finished shard.

    Attributes:
        split: Which side of the firewall.
        file: Name within the dataset's directory, e.g. "train-00000.parquet".
        first: Index of its first row within the split; the others follow without gap.
        rows: Number of rows, at least 1.
        size_bytes: Length of the file.
        sha256: Of the file's bytes.
        content_hash: Of its rows' values (see shards.content), whatever the encoding of the file.
        unlabelled: Targets in its rows that are too hidden to be labelled.
        unplaced: Objects drawn for its rows that found no place.
    """

    split: Split
    file: str = Field(pattern=r"^[^/\\]+\.parquet$")
    first: int = Field(ge=0)
    rows: int = Field(ge=1)
    size_bytes: int = Field(ge=1)
    sha256: str
    content_hash: str
    unlabelled: int = Field(default=0, ge=0)
    unplaced: int = Field(default=0, ge=0)


class Origin(Model):
    """One of the datasets that a dataset was merged out of.

    Attributes:
        rows: How many it gave to each split; they follow those of the origins before it.
        sha256: Of its manifest.
        manifest: All that its manifest says, but for its shards.
    """

    rows: dict[Split, int]
    sha256: str
    manifest: dict[str, Any]


class Manifest(Model):
    """A finished dataset: what made it, and the shards it consists of.

    Attributes:
        version: Of the row schema.
        fingerprint: SHA-256 of what decides the pixels (recipe, seed, size, assets, codec).
        seed: Of the run.
        size: (height, width) of every image.
        pipeline: Seed, assets, size, samples, recipe and encoding, as JSON; folders relative to the dataset.
        assets_digest: Of the catalog.
        categories: Every category a target may have, sorted.
        held_out: Those of them that occur in test alone, sorted.
        shards: In order of split (train, val, test) and index.
        foreground_groups: Cutout id → group, for the check of the firewall; may be empty.
        background_groups: Scene photo id → group, likewise.
        pseudo_foregrounds: Ids of the cutouts whose masks are pseudo-masks, sorted.
        licences: Of the cutouts and scenes that occur in the rows, with their number; "" where none is known. Older
            datasets count all that the folders hold.
        synthgen_version: Of the synthgen that finished it; None if it was older than this note.
        scene_version: Of the scenes in its rows; None likewise.
        merged: The datasets that it was merged out of, in order; empty if it was generated.
    """

    version: int = SCHEMA_VERSION
    fingerprint: str
    seed: int = Field(ge=0)
    size: Size
    pipeline: dict[str, Any]
    assets_digest: str
    categories: list[str]
    held_out: list[str] = Field(default_factory=list)
    shards: list[ShardEntry]
    foreground_groups: dict[str, str] = Field(default_factory=dict)
    background_groups: dict[str, str] = Field(default_factory=dict)
    pseudo_foregrounds: list[str] = Field(default_factory=list)
    licences: dict[str, int] = Field(default_factory=dict)
    synthgen_version: str | None = None
    scene_version: int | None = None
    merged: list[Origin] = Field(default_factory=list)


def pseudo_assets(manifest: Manifest) -> frozenset[str]:
    """Return the ids of the cutouts of a dataset whose masks a model or a rule has guessed.

    A row that shows one of them has no exact mask. `synthgen.shards.rowcheck.used_assets` says which a row shows.
    """
    return frozenset(manifest.pseudo_foregrounds)


def shard_file(split: Split, number: int) -> str:
    """Name the shard `number` of a split, e.g. "train-00000.parquet"."""
    return f"{split}-{number:05d}.parquet"


def write_manifest(place: Path | Store, manifest: Manifest) -> None:
    """Declare the dataset finished, its shards sorted by split and index.

    Raises:
        DatasetError: A shard named in the manifest does not lie in `place`.
        OutputError: The manifest cannot be written.
    """
    store = as_store(place)
    shards = sorted(manifest.shards, key=lambda entry: (SPLITS.index(entry.split), entry.first))
    missing = [entry.file for entry in shards if not store.has(entry.file)]
    if missing:
        raise DatasetError(
            f"{store.place}: {len(missing)} shards are missing, first {missing[0]}; run `synthgen generate` again"
        )
    ordered = manifest.model_copy(update={"shards": shards})
    if not _stands(store, ordered):
        store.put(MANIFEST, (ordered.model_dump_json(indent=2) + "\n").encode())


def retract_manifest(place: Path | Store) -> None:
    """Remove the manifest, because a shard it describes is about to be replaced or removed."""
    as_store(place).delete(MANIFEST)


def read_manifest(place: Path | Store) -> Manifest:
    """Read the manifest of a finished dataset.

    Raises:
        DatasetError: There is none, it is damaged, or it was written by a newer synthgen.
    """
    store = as_store(place)
    path = f"{store.place}/{MANIFEST}"
    try:
        manifest = Manifest.model_validate_json(store.read(MANIFEST))
    except FileNotFoundError:
        raise DatasetError(_absent(store, path)) from None
    except OSError as error:
        raise DatasetError(f"{path}: cannot be read: {error.strerror or error}; check its permissions") from error
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"])) or "the file"
        raise DatasetError(
            f"{path}: {where}: {first['msg']}; the manifest is damaged: run `synthgen generate` again"
        ) from None
    if manifest.version not in READABLE_VERSIONS:
        readable = " and ".join(map(str, READABLE_VERSIONS))
        raise DatasetError(
            f"{path}: schema version {manifest.version}, this synthgen reads {readable}; "
            "generate the dataset again or use the synthgen that made it"
        )
    return manifest


def _stands(store: Store, manifest: Manifest) -> bool:
    """Return whether it is written already, perhaps by another synthgen: models know a dataset by its manifest."""
    try:
        written = read_manifest(store)
    except DatasetError:
        return False
    return written.model_copy(update={"synthgen_version": manifest.synthgen_version}) == manifest


def _absent(store: Store, path: str) -> str:
    if not store.list():
        return (
            f"{store.place}: no such directory, or an empty one; give the path of a dataset made by `synthgen generate`"
        )
    return f"{path} not found: the run did not finish; run `synthgen generate` again to continue it"
