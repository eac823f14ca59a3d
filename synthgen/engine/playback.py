"""Rendering one row again from the scene stored in it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import orjson

from synthgen import __version__
from synthgen.core.errors import DatasetError
from synthgen.core.types import Sample, Split
from synthgen.engine.reopen import studio_of
from synthgen.scene.scene import READABLE, SCENE_VERSION, Scene
from synthgen.shards.codec import pixel_hash
from synthgen.shards.manifest import Manifest
from synthgen.shards.reader import ShardDataset

__all__ = ["Replay", "read_scene", "replay"]


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
    scene = read_scene(row["scene"], f"{dataset}: {split}[{index}]", shards.manifest)
    sample = studio_of(dataset, overrides, {"recipe": {}}).render(scene)  # the scene holds what the recipe decided
    return Replay(sample, row["pixel_hash"], pixel_hash(sample.image))


def read_scene(text: str, row: str, manifest: Manifest) -> Scene:
    """Return the scene that a row stores; `row` names it in messages.

    Raises:
        DatasetError: It is of a version that this synthgen does not render, or damaged.
    """
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
