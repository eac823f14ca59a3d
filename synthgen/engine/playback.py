"""Rendering one row again from the scene stored in it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from synthgen.assets.intake import load_catalog
from synthgen.assets.library import Library, build_library
from synthgen.core.errors import DatasetError
from synthgen.core.files import make_directory
from synthgen.core.types import Sample, Split
from synthgen.engine.settings import LIBRARY_FOLDER, GenerationConfig
from synthgen.render.compositor import render_scene
from synthgen.scene.scene import Scene
from synthgen.shards.codec import pixel_hash
from synthgen.shards.reader import ShardDataset

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


def replay(dataset: Path, split: Split, index: int) -> Replay:
    """Render one row again from its stored scene and compare the pixels.

    Raises:
        DatasetError: There is no such row, or the assets have changed since.
    """
    shards = ShardDataset.open(dataset)
    row = shards.row(split, index)
    sample = render_scene(Scene.from_json(row["scene"]), _library_of(shards, dataset))
    return Replay(sample, row["pixel_hash"], pixel_hash(sample.image))


def _library_of(shards: ShardDataset, dataset: Path) -> Library:
    config = GenerationConfig.model_validate(
        {name: shards.manifest.pipeline[name] for name in GenerationConfig.model_fields}
    )
    catalog = load_catalog(config.assets)
    if catalog.digest != shards.manifest.assets_digest:
        raise DatasetError(
            f"{dataset}: the assets in {config.assets.foregrounds} and {config.assets.backgrounds} have changed "
            f"since this dataset was made; restore them to replay its rows"
        )
    return Library.open(build_library(catalog, make_directory(dataset / LIBRARY_FOLDER)))
