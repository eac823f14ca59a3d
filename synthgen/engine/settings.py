"""What `generate` is told: the sections of pipeline.yaml above training."""

from __future__ import annotations

from synthgen.parallel import EngineConfig
from synthgen.shards.codec import OutputConfig
from synthgen.studio import StudioConfig

__all__ = ["LIBRARY_FOLDER", "GenerationConfig"]

LIBRARY_FOLDER = ".assets"  # within a dataset: decoded assets, which may be deleted


class GenerationConfig(StudioConfig):
    """What decides the samples, where they go, and where they are rendered.

    Attributes:
        output: Where the shards go, and how they are encoded.
        engine: Where shards are rendered.
    """

    output: OutputConfig
    engine: EngineConfig = EngineConfig()
