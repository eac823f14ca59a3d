"""`synthgen replay`: a row rendered again from its scene."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from synthgen.commands.options import DatasetFolder, SplitName, split_of
from synthgen.commands.terminal import console, save_picture
from synthgen.core.errors import DatasetError

__all__ = ["replay"]


def replay(
    dataset: DatasetFolder,
    index: Annotated[int, typer.Argument(min=0, help="Index of the row within its split.")],
    out: Annotated[Path, typer.Option(help="Picture to write (PNG).")],
    split: SplitName = "train",
    set_: Annotated[
        list[str] | None, typer.Option("--set", help="Where the assets are now: assets.foregrounds=DIR; repeatable.")
    ] = None,
) -> None:
    """Render one row again from its stored scene and compare its pixel hash.

    Example: synthgen replay data/firearms 17 --out row.png
    """
    from synthgen import engine

    result = engine.replay(dataset, split_of(split), index, set_ or ())
    save_picture(out, result.sample.image)
    if not result.matches:
        raise DatasetError(f"{dataset}: {split}[{index}] rendered to {result.hash}, the row says {result.stored_hash}")
    console().print(f"pixel hash matches: {result.hash}", soft_wrap=True)
