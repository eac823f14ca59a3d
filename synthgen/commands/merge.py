"""`synthgen merge`: two datasets made one."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from synthgen.commands.terminal import console, say_dataset

__all__ = ["merge"]


def merge(
    first: Annotated[Path, typer.Argument(help="A generated dataset.", metavar="A")],
    second: Annotated[Path, typer.Argument(help="Another one, of the same picture size.", metavar="B")],
    out: Annotated[Path, typer.Option(help="Folder of the merged dataset.")],
    workers: Annotated[int, typer.Option(min=1, max=1024, help="Worker processes.")] = 2,
) -> None:
    """Merge two datasets, or continue to: the rows of B follow those of A in each split.

    Refused where a cutout, a scene or a group of one is in another split of the other.

    Example: synthgen merge data/day data/night --out data/both
    """
    from synthgen import engine
    from synthgen.parallel.settings import EngineConfig

    config = EngineConfig(workers=workers)
    manifest = engine.merge(first.resolve(), second.resolve(), out.resolve(), engine=config, console=console())
    say_dataset(out, manifest)
