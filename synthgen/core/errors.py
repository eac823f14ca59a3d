"""Every error synthgen raises on purpose.

    SynthgenError
    ├── ConfigError        the recipe or the command line is wrong
    ├── AssetError         a cutout, a scene or a catalog cannot be used
    ├── PlacementError     a scene cannot be planned under the recipe's constraints
    ├── DatasetError       a dataset on disk is missing, foreign, or damaged
    ├── OutputError        a place to write to cannot be written
    ├── EngineError        a job's process died, or could not be started
    └── TrainingError      a network, its weights or its data do not fit together

A message says what was found, where, what was expected, and what to do.
"""

from __future__ import annotations

__all__ = [
    "AssetError",
    "ConfigError",
    "DatasetError",
    "EngineError",
    "OutputError",
    "PlacementError",
    "SynthgenError",
    "TrainingError",
]


class SynthgenError(Exception):
    """Base of all expected failures; the command line prints it without a traceback."""


class ConfigError(SynthgenError):
    """The recipe, the pipeline file or a command-line option is wrong."""


class AssetError(SynthgenError):
    """A cutout, a scene or a catalog cannot be used."""


class PlacementError(SynthgenError):
    """A scene cannot be planned under the recipe's constraints; names its split and index."""


class DatasetError(SynthgenError):
    """A dataset on disk is missing, was made by something else, or is damaged."""


class OutputError(SynthgenError):
    """A place to write to cannot be written."""


class EngineError(SynthgenError):
    """A job's process died, or could not be started."""


class TrainingError(SynthgenError):
    """A network, its weights or its data do not fit together."""
