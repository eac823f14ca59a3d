"""Arguments and options that several commands share."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from synthgen.core.errors import ConfigError

if TYPE_CHECKING:
    from synthgen.core.types import Split

__all__ = ["DatasetFolder", "Output", "Overrides", "PipelineFile", "Scheduler", "SplitName", "Workers", "split_of"]

PipelineFile = Annotated[Path, typer.Argument(help="The pipeline file.", metavar="PIPELINE")]
DatasetFolder = Annotated[Path, typer.Argument(help="A generated dataset.", metavar="DATASET")]
Overrides = Annotated[list[str] | None, typer.Option("--set", help="key=value, e.g. samples.train=1000; repeatable.")]
Output = Annotated[Path | None, typer.Option(help="Directory to write to; default: output.path of the file.")]
Workers = Annotated[int | None, typer.Option(help="Worker processes; default: engine.workers.")]
Scheduler = Annotated[str | None, typer.Option(help="Address of a running Dask scheduler, e.g. tcp://10.0.0.5:8786.")]
SplitName = Annotated[str, typer.Option(help="train, val or test.", autocompletion=lambda: ["train", "val", "test"])]


def split_of(name: str) -> Split:
    """Return a split by its name.

    Raises:
        ConfigError: There is none of that name.
    """
    from synthgen.core.types import SPLITS

    if name not in SPLITS:
        raise ConfigError(f"--split {name}: expected train, val or test")
    return name
