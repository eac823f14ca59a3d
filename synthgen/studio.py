"""Where samples are made: assets, recipe and seed in one object that plans and renders any sample.

studio = Studio.open(config, cache)
studio.scene("train", 17)     every decision about the sample, no pixel
studio.sample("train", 17)    the sample: pixels, mask, instances
studio.render(scene)          a scene made elsewhere, such as one stored in a row
studio.samples("train")       the split as a sequence
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import overload

from pydantic import Field, model_validator

from synthgen.assets.cast import Cast
from synthgen.assets.catalog import AssetsConfig, Catalog
from synthgen.assets.hold_out import check_hold_out
from synthgen.assets.intake import load_catalog
from synthgen.assets.library import Library, build_library
from synthgen.core.config import Model
from synthgen.core.errors import ConfigError
from synthgen.core.files import make_directory
from synthgen.core.types import SPLITS, Sample, Size, Split
from synthgen.render.compositor import render_scene
from synthgen.scene.plan import plan_scene
from synthgen.scene.recipe import Recipe
from synthgen.scene.scene import Scene

__all__ = ["SampleCounts", "Studio", "StudioConfig", "StudioSamples"]

MOST_SAMPLES = 10**12
"""In one split; more fit into no storage that there is."""


class SampleCounts(Model):
    """Samples per split.

    Attributes:
        train: Samples to learn from; more than the disk can hold are refused at once.
        val: Samples to choose by.
        test: Samples to report on.
    """

    train: int = Field(default=0, ge=0, le=MOST_SAMPLES)
    val: int = Field(default=0, ge=0, le=MOST_SAMPLES)
    test: int = Field(default=0, ge=0, le=MOST_SAMPLES)

    @model_validator(mode="after")
    def _some(self) -> SampleCounts:
        if self.train + self.val + self.test == 0:
            raise ValueError("all counts are 0, so there is nothing to generate; set at least samples.train")
        return self

    def of(self, split: Split) -> int:
        """Return the count of a split."""
        count: int = getattr(self, split)
        return count


class StudioConfig(Model):
    """All that decides the samples.

    Attributes:
        seed: Of all chance; 0 is a seed like any other.
        assets: Folders of cutouts and scenes, and the shares of the splits.
        size: Height and width of the samples in pixels, each 16–8192; divisible by 32 to train on.
        samples: How many for each split; one of the counts is above 0.
        recipe: How cutouts and scenes may meet.
    """

    seed: int = Field(default=0, ge=0, lt=2**64)
    assets: AssetsConfig
    size: Size
    samples: SampleCounts
    recipe: Recipe = Recipe()

    @model_validator(mode="after")
    def _drawable(self) -> StudioConfig:
        for name, side in zip(("height", "width"), self.size, strict=True):
            if not 16 <= side <= 8192:
                raise ValueError(f"size: {name} {side} is not within 16–8192 pixels")
        return self


@dataclass(frozen=True)
class Studio:
    """Plans and renders samples; cheap to pickle, so that worker processes can share it.

    Example:
        >>> studio = Studio.open(load_pipeline(Path("pipeline.yaml")), Path("cache"))  # doctest: +SKIP
        >>> studio.sample("train", 17).image.shape  # doctest: +SKIP
        (256, 256, 3)

    Attributes:
        config: What decides the samples.
        catalog: The usable assets.
        casts: The assets of each split that has samples.
        cache: Folder of the decoded assets; it may be deleted.
    """

    config: StudioConfig
    catalog: Catalog
    casts: Mapping[Split, Cast]
    cache: Path

    @classmethod
    def open(cls, config: StudioConfig, cache: Path) -> Studio:
        """Take the assets in; they are decoded into `cache` when the first sample is rendered.

        Raises:
            AssetError: No usable asset for a split that has samples, or none that the recipe's licences allow; a
                category that is held out is none, or all are.
        """
        catalog = load_catalog(config.assets)
        check_hold_out(catalog, config.assets.splits)
        casts = {
            split: Cast.of(catalog, split, config.assets.splits, config.recipe.categories, config.recipe.licences)
            for split in SPLITS
            if config.samples.of(split)
        }
        return cls(config, catalog, casts, cache)

    @cached_property
    def library(self) -> Library:
        """The decoded assets.

        Raises:
            OutputError: The cache cannot be written.
        """
        return Library.open(build_library(self.catalog, make_directory(self.cache)))

    def only_for(self, scenes: Iterable[Scene], cache: Path) -> Studio:
        """Return a studio with the assets of some scenes alone, which renders these without decoding all others."""
        planned = list(scenes)
        cutouts = frozenset().union(*(scene.foreground_ids for scene in planned))
        photos = frozenset().union(*(scene.background_ids for scene in planned))
        catalog = replace(
            self.catalog,
            foregrounds=tuple(asset for asset in self.catalog.foregrounds if asset.id in cutouts),
            backgrounds=tuple(asset for asset in self.catalog.backgrounds if asset.id in photos),
        )
        return replace(self, catalog=catalog, cache=cache)

    def scene(self, split: Split, index: int) -> Scene:
        """Plan sample `index` of a split.

        Raises:
            ConfigError: The config has no samples in the split.
            PlacementError: The sample cannot be planned.
        """
        if split not in self.casts:
            raise ConfigError(f"samples.{split} is 0, so the studio has no assets for it; set it to at least 1")
        config = self.config
        return plan_scene(config.recipe, self.casts[split], size=config.size, seed=config.seed, index=index)

    def render(self, scene: Scene) -> Sample:
        """Render a scene, whoever planned it."""
        return render_scene(scene, self.library)

    def sample(self, split: Split, index: int) -> Sample:
        """Plan and render sample `index` of a split.

        Raises:
            ConfigError: The config has no samples in the split.
            PlacementError: The sample cannot be planned.
        """
        return self.render(self.scene(split, index))

    def samples(self, split: Split) -> StudioSamples:
        """Return the split as a sequence: pixel for pixel the samples that `generate` writes."""
        return StudioSamples(self, split)


@dataclass(frozen=True)
class StudioSamples(Sequence[Sample]):
    """A split's samples, each planned and rendered when it is asked for."""

    studio: Studio
    split: Split

    def __len__(self) -> int:
        """Samples of the split, as the config says."""
        return self.studio.config.samples.of(self.split)

    @overload
    def __getitem__(self, index: int) -> Sample: ...

    @overload
    def __getitem__(self, index: slice) -> list[Sample]: ...

    def __getitem__(self, index: int | slice) -> Sample | list[Sample]:
        """Render sample `index`.

        Raises:
            IndexError: There is no such sample.
            PlacementError: It cannot be planned.
        """
        if isinstance(index, slice):
            return [self[number] for number in range(*index.indices(len(self)))]
        if not 0 <= index < len(self):
            raise IndexError(f"sample {index} of {len(self)}")
        return self.studio.sample(self.split, index)

    def label(self, index: int) -> int:
        """Return 1 if a target is planned for sample `index`, else 0, without rendering it.

        The plan does not know how much of a target will be seen.
        """
        return int(any(placement.part == "target" for placement in self.studio.scene(self.split, index).placements))

    def __iter__(self) -> Iterator[Sample]:
        """Render one after the other."""
        return (self[index] for index in range(len(self)))
