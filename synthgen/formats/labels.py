"""Photographs with a label each: by a CSV file with the columns file and label, or by the folders that they lie in."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from io import StringIO
from pathlib import Path

from synthgen.core.errors import DatasetError
from synthgen.core.picture import EncodedPicture, Truth
from synthgen.core.pictures import IMAGE_SUFFIXES
from synthgen.core.types import Size
from synthgen.formats.photograph import open_photograph, photograph_name, read_file, refuse_clashes

__all__ = ["LABEL_FOLDERS", "LabelledSamples", "read_label_folders", "read_labels"]

COLUMNS = ("file", "label")
SOURCE = "source"  # a column that need not be there
LABEL_FOLDERS = {"positive": 1, "negative": 0}
"""The folders of photographs with a target, and of those without."""
MAX_TABLE = 256 * 2**20  # bytes


def read_labels(images: Path, labels: Path) -> LabelledSamples:
    """Return the photographs that a table names, in its order, each with its label: 1 with a target, 0 without.

    A column `source` may say where a photograph comes from; where it says nothing, that is the folder it lies in.

    Raises:
        DatasetError: The table cannot be read or names none, a label is another, a file is missing or outside of
            the folder, or two photographs have one name.
    """
    try:
        rows = list(csv.DictReader(StringIO(read_file(labels, MAX_TABLE).decode("utf-8-sig"), newline="")))
    except (UnicodeDecodeError, csv.Error) as error:
        raise DatasetError(f"{labels}: no table of UTF-8 text: {error}; export it as CSV") from error
    if not rows or not set(COLUMNS) <= rows[0].keys():
        raise DatasetError(f"{labels}: expected a line for each photograph below the header {','.join(COLUMNS)}")
    found = tuple(_entry(images, labels, number, row) for number, row in enumerate(rows, 2))
    told = (str(row.get(SOURCE) or "").strip() for row in rows)
    sources = tuple(source or path.parent.name for source, (path, _) in zip(told, found, strict=True))
    return _samples(images, found, sources, labels)


def read_label_folders(folder: Path) -> LabelledSamples:
    """Return the photographs below `folder`/positive and `folder`/negative, sorted by path.

    Their source is the path of folders within these two, so that positive/street and negative/street are one source;
    of photographs that lie in one of the two itself it is this.

    Raises:
        DatasetError: There is none, or two photographs have one name.
    """
    found = tuple(
        (path, label)
        for name, label in LABEL_FOLDERS.items()
        for path in sorted((folder / name).rglob("*"))
        if path.suffix.lower() in IMAGE_SUFFIXES and not path.name.startswith(".")
    )
    if not found:
        raise DatasetError(
            f"{folder}: no images found; put PNG or JPEG files into its folders {' and '.join(LABEL_FOLDERS)}"
        )
    inner = (path.parent.relative_to(folder).parts for path, _ in found)
    return _samples(folder, found, tuple("/".join(parts[1:] or parts) for parts in inner), folder)


def _samples(
    images: Path, found: tuple[tuple[Path, int], ...], sources: tuple[str, ...], where: Path
) -> LabelledSamples:
    files = (path.relative_to(images) for path, _ in found)
    refuse_clashes(((photograph_name(file), file) for file in files), where)
    return LabelledSamples(images, found, sources)


@dataclass(frozen=True)
class LabelledSamples:
    """Photographs with labels, each read when it is asked for.

    Attributes:
        images: Their folder.
        found: File and label of each.
        sources: Where each comes from.
    """

    images: Path
    found: tuple[tuple[Path, int], ...]
    sources: tuple[str, ...]

    def __len__(self) -> int:
        """Number of photographs."""
        return len(self.found)

    def __getitem__(self, index: int, /) -> EncodedPicture:
        """Read photograph `index`.

        Raises:
            IndexError: There is no such photograph.
            DatasetError: It cannot be read.
        """
        path, label = self.found[index]

        def truth(_: Size) -> Truth:
            return Truth(label=label)

        return open_photograph(path, photograph_name(path.relative_to(self.images)), truth)

    def __iter__(self) -> Iterator[EncodedPicture]:
        """Read one photograph after the other."""
        return (self[index] for index in range(len(self)))

    @property
    def paths(self) -> tuple[Path, ...]:
        """The files of the photographs."""
        return tuple(path for path, _ in self.found)

    def label(self, index: int) -> int:
        """Return the label of a photograph, which is not read."""
        return self.found[index][1]


def _entry(images: Path, labels: Path, number: int, row: dict[str, str]) -> tuple[Path, int]:
    file, label = (str(row[column] or "").strip() for column in COLUMNS)
    if label not in ("0", "1"):
        raise DatasetError(f"{labels}, line {number}: label {label!r}; write 1 with a target, 0 without")
    path = images / file
    if Path(file).is_absolute() or ".." in Path(file).parts or not path.is_file():
        raise DatasetError(f"{labels}, line {number}: {images} holds no file {file!r}; correct the table")
    return path, int(label)
