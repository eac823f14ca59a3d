"""What a finished dataset consists of: manifest.json, written last of all (law 5)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pydantic import Field, ValidationError

from synthgen.core.config import Model
from synthgen.core.errors import DatasetError
from synthgen.core.files import write_atomic
from synthgen.core.types import SPLITS, Size, Split
from synthgen.shards.schema import READABLE_VERSIONS, SCHEMA_VERSION

__all__ = ["MANIFEST", "Manifest", "ShardEntry", "read_manifest", "retract_manifest", "shard_file", "write_manifest"]

MANIFEST = "manifest.json"


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


class Manifest(Model):
    """A finished dataset: what made it, and the shards it consists of.

    Attributes:
        version: Of the row schema.
        fingerprint: SHA-256 of what decides the pixels (recipe, seed, size, assets, codec).
        seed: Of the run.
        size: (height, width) of every image.
        pipeline: The resolved pipeline, as JSON.
        assets_digest: Of the catalog.
        categories: Every category a target may have, sorted.
        shards: In order of split (train, val, test) and index.
        foreground_groups: Cutout id → group, for the check of the firewall; may be empty.
        background_groups: Scene photo id → group, likewise.
        licences: Of cutouts and scenes, with the number of files; may be empty.
    """

    version: int = SCHEMA_VERSION
    fingerprint: str
    seed: int = Field(ge=0)
    size: Size
    pipeline: dict[str, Any]
    assets_digest: str
    categories: list[str]
    shards: list[ShardEntry]
    foreground_groups: dict[str, str] = Field(default_factory=dict)
    background_groups: dict[str, str] = Field(default_factory=dict)
    licences: dict[str, int] = Field(default_factory=dict)


def shard_file(split: Split, number: int) -> str:
    """Name the shard `number` of a split, e.g. "train-00000.parquet"."""
    return f"{split}-{number:05d}.parquet"


def write_manifest(directory: Path, manifest: Manifest) -> None:
    """Declare the dataset finished, its shards sorted by split and index.

    Raises:
        DatasetError: A shard named in the manifest does not lie in `directory`.
        OutputError: The manifest cannot be written.
    """
    shards = sorted(manifest.shards, key=lambda entry: (SPLITS.index(entry.split), entry.first))
    missing = [entry.file for entry in shards if not (directory / entry.file).is_file()]
    if missing:
        raise DatasetError(
            f"{directory}: {len(missing)} shards are missing, first {missing[0]}; run `synthgen generate` again"
        )
    ordered = manifest.model_copy(update={"shards": shards})
    write_atomic(directory / MANIFEST, (ordered.model_dump_json(indent=2) + "\n").encode())


def retract_manifest(directory: Path) -> None:
    """Remove the manifest, because a shard it describes is about to be replaced."""
    (directory / MANIFEST).unlink(missing_ok=True)


def read_manifest(directory: Path) -> Manifest:
    """Read the manifest of a finished dataset.

    Raises:
        DatasetError: There is none, it is damaged, or it was written by a newer synthgen.
    """
    path = directory / MANIFEST
    try:
        manifest = Manifest.model_validate_json(path.read_bytes())
    except (FileNotFoundError, NotADirectoryError):
        raise DatasetError(_absent(directory, path)) from None
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


def _absent(directory: Path, path: Path) -> str:
    if not directory.is_dir():
        return f"{directory}: no such directory; give the path of a dataset made by `synthgen generate`"
    return f"{path} not found: the run did not finish; run `synthgen generate` again to continue it"
