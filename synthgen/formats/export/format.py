"""What a format of exports is: one function for the rows of a shard, one for what all shards share."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

from synthgen.core.classes import Classes
from synthgen.core.types import Split
from synthgen.formats.export.rows import ShardRows

__all__ = ["About", "ExportFormat", "Loss", "Part"]


@dataclass(frozen=True, slots=True)
class Loss:
    """What the format's outlines make of the masks.

    Attributes:
        pixels: Of all masks.
        wrong: Pixels that are missing in what a reader makes of the outlines, and those that it adds.
    """

    pixels: int = 0
    wrong: int = 0

    def __add__(self, other: Loss) -> Loss:
        """Add those of other masks."""
        return Loss(self.pixels + other.pixels, self.wrong + other.wrong)


@dataclass(frozen=True, slots=True)
class Part:
    """What a shard adds to the index files.

    Attributes:
        split: Which side of the firewall.
        index: Anything that JSON can hold.
        loss: Of its masks; nothing where masks are exact.
    """

    split: Split
    index: Any = None
    loss: Loss = Loss()


@dataclass(frozen=True, slots=True)
class About:
    """What the index files say of the whole export.

    Attributes:
        title: Name of the dataset.
        classes: In order of their ids.
        rows: Of each split that is exported.
        instances: Of each class.
        licences: With the number of files of each.
        version: Of the synthgen that made the dataset; None if it was older than this note.
    """

    title: str
    classes: Classes
    rows: Mapping[Split, int]
    instances: Mapping[str, int]
    licences: Mapping[str, int]
    version: str | None


@runtime_checkable
class ExportFormat(Protocol):
    """Writes a dataset as other tools read it. Shards are written by several processes at a time."""

    def write(self, shard: ShardRows, folder: Path) -> Part:
        """Write the files of a shard's rows into `folder`; the same shard gives the same files.

        Raises:
            DatasetError: The shard is damaged.
            OSError: A file cannot be written.
        """
        ...

    def join(self, parts: Mapping[Split, Iterable[Part]], folder: Path, about: About) -> None:
        """Write the index files into `folder`, from the parts of each split in order, which may be read repeatedly.

        Raises:
            OSError: A file cannot be written.
        """
        ...
