"""The engine: shards made by Dask, continued where they stopped; rows rendered again."""

from synthgen.engine.composite import CompositeDataset
from synthgen.engine.generation import generate
from synthgen.engine.playback import Replay, replay
from synthgen.engine.settings import EngineConfig, GenerationConfig, SampleCounts

__all__ = ["CompositeDataset", "EngineConfig", "GenerationConfig", "Replay", "SampleCounts", "generate", "replay"]
