"""Rendering one row again from the scene stored in it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import orjson

from synthgen import __version__
from synthgen.core.errors import ConfigError, DatasetError
from synthgen.core.types import Sample, Split
from synthgen.core.yaml_file import apply_override, validated
from synthgen.engine.settings import LIBRARY_FOLDER
from synthgen.scene.scene import READABLE, SCENE_VERSION, Scene
from synthgen.shards.codec import pixel_hash
from synthgen.shards.manifest import Manifest
from synthgen.shards.reader import ShardDataset
from synthgen.studio import Studio, StudioConfig

__all__ = ["Replay", "replay"]


@dataclass(frozen=True, slots=True, eq=False)
class Replay:
    """A row rendered again from its stored scene."""

    sample: Sample
    stored_hash: str
    hash: str

    @property
    def matches(self) -> bool:
        """Whether the pixels are the ones that were stored."""
        return self.hash == self.stored_hash


def replay(dataset: Path, split: Split, index: int, overrides: Sequence[str] = ()) -> Replay:
    """Render one row again from its stored scene and compare the pixels.

    `overrides` such as "assets.foregrounds=DIR" say where the assets are now.

    Raises:
        DatasetError: There is no such row, its scene is of another version, or the assets are missing or others.
        ConfigError: An override concerns something else than assets.
    """
    shards = ShardDataset.open(dataset)
    row = shards.row(split, index, ["scene", "pixel_hash"])
    scene = _scene(row["scene"], f"{dataset}: {split}[{index}]", shards.manifest)
    sample = _studio(shards, dataset, overrides).render(scene)
    return Replay(sample, row["pixel_hash"], pixel_hash(sample.image))


def _scene(text: str, row: str, manifest: Manifest) -> Scene:
    version = orjson.loads(text).get("version")
    if version not in READABLE:
        maker = f"synthgen {manifest.synthgen_version}" if manifest.synthgen_version else "an older synthgen"
        raise DatasetError(
            f"{row} holds a scene of version {version}, made by {maker}; this is synthgen {__version__}, which renders "
            f"version {SCENE_VERSION}; replay it with the synthgen that made it, or generate the dataset again"
        )
    try:
        return Scene.from_json(text)
    except (ValueError, KeyError, TypeError) as error:
        raise DatasetError(f"{row}: its scene is damaged: {error!r}; generate the dataset again") from error


def _studio(shards: ShardDataset, dataset: Path, overrides: Sequence[str]) -> Studio:
    values = {name: shards.manifest.pipeline[name] for name in ("seed", "assets", "size", "samples")}
    for override in overrides:
        if not override.startswith("assets."):
            raise ConfigError(f"--set {override}: the row decides all but its assets; set assets.foregrounds=DIR")
        apply_override(values, override)
    try:
        config = validated(StudioConfig, values, dataset, base=dataset)
    except ConfigError as error:
        raise DatasetError(f"{error}; say where the assets are: --set assets.foregrounds=DIR") from error
    studio = Studio.open(config, dataset / LIBRARY_FOLDER)
    if studio.catalog.digest != shards.manifest.assets_digest:
        raise DatasetError(
            f"{dataset}: the assets in {config.assets.foregrounds} and {config.assets.backgrounds} have changed since "
            "this dataset was made; restore them, or say where they are: --set assets.foregrounds=DIR"
        )
    return studio
