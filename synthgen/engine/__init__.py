"""The engine: shards made by jobs, continued where they stopped; rows rendered again."""

from synthgen.engine.generation import generate
from synthgen.engine.merging import merge
from synthgen.engine.playback import Replay, replay
from synthgen.engine.reopen import studio_of
from synthgen.engine.settings import LIBRARY_FOLDER, GenerationConfig

__all__ = ["LIBRARY_FOLDER", "GenerationConfig", "Replay", "generate", "merge", "replay", "studio_of"]
