"""What `generate` is told: the sections of pipeline.yaml above training."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, model_validator

from synthgen.assets.catalog import AssetsConfig
from synthgen.core.config import Model
from synthgen.core.types import Size
from synthgen.scene.recipe import Recipe
from synthgen.shards.codec import OutputConfig

__all__ = ["LIBRARY_FOLDER", "EngineConfig", "GenerationConfig", "SampleCounts"]

LIBRARY_FOLDER = ".assets"  # within a dataset: decoded assets, which may be deleted


class EngineConfig(Model):
    """Where shards are rendered.

    Attributes:
        kind: "local": worker processes on this machine. "scheduler": a running Dask scheduler,
            whose workers see the same file system.
        workers: Processes of the local cluster.
        scheduler: Address such as tcp://10.0.0.5:8786, with kind "scheduler".
    """

    kind: Literal["local", "scheduler"] = "local"
    workers: int = Field(default=2, ge=1, le=1024)
    scheduler: str | None = None

    @model_validator(mode="after")
    def _complete(self) -> EngineConfig:
        if (self.kind == "scheduler") != (self.scheduler is not None):
            raise ValueError("kind: scheduler goes with an address in scheduler, and only with it")
        return self


class SampleCounts(Model):
    """Samples per split."""

    train: int = Field(default=0, ge=0)
    val: int = Field(default=0, ge=0)
    test: int = Field(default=0, ge=0)

    @model_validator(mode="after")
    def _some(self) -> SampleCounts:
        if self.train + self.val + self.test == 0:
            raise ValueError("all counts are 0, so there is nothing to generate; set at least samples.train")
        return self


class GenerationConfig(Model):
    """All that `generate` needs; the sections of pipeline.yaml above training.

    Attributes:
        seed: Any whole number from 0; 0 is a seed.
        assets: Folders of cutouts and scenes, and the shares of the splits.
        size: (height, width) of the samples in pixels.
        samples: Samples per split.
        recipe: How cutouts and scenes may meet.
        output: Where the shards go, and how they are encoded.
        engine: Where they are rendered.
    """

    seed: int = Field(default=0, ge=0, lt=2**64)
    assets: AssetsConfig
    size: Size
    samples: SampleCounts
    recipe: Recipe = Recipe()
    output: OutputConfig
    engine: EngineConfig = EngineConfig()

    @model_validator(mode="after")
    def _drawable(self) -> GenerationConfig:
        for name, side in zip(("height", "width"), self.size, strict=True):
            if not 16 <= side <= 8192:
                raise ValueError(f"size: {name} {side} is not within 16–8192 pixels")
        return self
