"""What is labelled: photographs, or rows of a dataset; a table knows each by a file and the hash of its bytes."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, runtime_checkable

from synthgen.core.errors import DatasetError
from synthgen.core.picture import Picture, Samples
from synthgen.core.pictures import suffix_of
from synthgen.formats.photograph import PhotographSamples, read_file
from synthgen.formats.pseudo_table import picture_hash
from synthgen.shards.samples import ShardSamples

__all__ = ["Photographs", "Rows", "Subjects"]


@runtime_checkable
class Subjects(Protocol):
    """Pictures to label; their labels, where they have any, are believed."""

    @property
    def samples(self) -> Samples:
        """The pictures."""
        ...

    def file(self, number: int) -> str:
        """Return the file of a picture, as a table names it."""
        ...

    def hash(self, number: int) -> str:
        """Return the hash of a picture's bytes; empty where they cannot be read."""
        ...

    def reason(self, number: int, error: DatasetError) -> str:
        """Return why a picture cannot be read, without the folders of whoever has it."""
        ...


@dataclass(frozen=True)
class Photographs:
    """Photographs, each in a file of a folder.

    Attributes:
        images: The folder.
        samples: The photographs.
    """

    images: Path
    samples: PhotographSamples

    def file(self, number: int) -> str:
        """Return the file of a photograph, relative to the folder, with "/"."""
        return self.samples.paths[number].relative_to(self.images).as_posix()

    def hash(self, number: int) -> str:
        """Return the hash of the file."""
        try:
            return picture_hash(read_file(self.samples.paths[number]))
        except DatasetError:
            return ""

    def reason(self, number: int, error: DatasetError) -> str:
        """Return why a photograph cannot be read."""
        return str(error).removeprefix(f"{self.samples.paths[number]}: ")


@dataclass(frozen=True)
class Rows:
    """The pictures of a dataset's split.

    Attributes:
        samples: The rows.
    """

    samples: ShardSamples

    def file(self, number: int) -> str:
        """Return the name that the row gives its picture, such as "train-000017.jpg"; exports call its file so."""
        picture = self.samples[number]
        return f"{picture.name}{suffix_of(_bytes(picture))}"

    def hash(self, number: int) -> str:
        """Return the hash of the encoded picture in the row, which is that of a file that holds it."""
        return picture_hash(_bytes(self.samples[number]))

    def reason(self, number: int, error: DatasetError) -> str:
        """Return why a row cannot be read."""
        return str(error)


def _bytes(picture: Picture) -> bytes:
    assert picture.data is not None, "rows hold their pictures encoded"
    return bytes(picture.data)
