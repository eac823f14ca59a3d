"""What commands say, and the pictures that they write."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from synthgen.core.files import make_directory

if TYPE_CHECKING:
    from rich.console import Console

    from synthgen.core.types import RGB
    from synthgen.shards.manifest import Manifest

__all__ = ["console", "save_picture", "say_dataset"]


@cache
def console() -> Console:
    """Return the terminal."""
    from rich.console import Console

    return Console(markup=False, highlight=False)  # what is printed are names from outside: brackets mean themselves


def save_picture(path: Path, picture: RGB) -> None:
    """Write a picture, make its folder where that is missing, and say so."""
    from synthgen.core.pictures import write_picture

    make_directory(path.resolve().parent)
    write_picture(path, picture)
    console().print(f"wrote {path}", soft_wrap=True)


def say_dataset(folder: Path, manifest: Manifest) -> None:
    """Say where a dataset lies, and how many rows each split has."""
    from synthgen.core.types import SPLITS

    rows = {split: sum(entry.rows for entry in manifest.shards if entry.split == split) for split in SPLITS}
    counts = ", ".join(f"{count:,} {split}" for split, count in rows.items())
    console().print(f"dataset: {folder} ({counts})", soft_wrap=True)
