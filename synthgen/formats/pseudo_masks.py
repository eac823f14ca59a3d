"""Photographs with a table of pseudo-labels as what is known of them.

A row that is valid gives a mask, that of a photograph without target an empty one. A row that is not valid gives the
label where somebody said it, and nothing otherwise: that nothing was found is no proof that nothing is there.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np

from synthgen.core.errors import DatasetError
from synthgen.core.picture import EncodedPicture, Truth
from synthgen.core.types import Size
from synthgen.formats.photograph import open_photograph, read_file, refuse_clashes
from synthgen.formats.pseudo_table import PseudoLabel, picture_hash, read_pseudo_table

__all__ = ["PseudoLabelledSamples", "check_same_picture", "read_pseudo_masks"]


def read_pseudo_masks(images: Path, table: Path) -> PseudoLabelledSamples:
    """Return the photographs of which a table knows something, in its order. It reads each file once.

    Raises:
        DatasetError: The table cannot be read, is of other pictures, has two rows for one, or knows nothing of any.
    """
    rows = list(read_pseudo_table(table, heatmaps=False))
    known = tuple(row for row in rows if row.valid or row.label is not None)
    if not known:
        raise DatasetError(
            f"{table}: none of {len(rows)} pseudo-labels is valid, so there is nothing to learn from; "
            "look at its sheet, and label again with another prompt or a wider gate"
        )
    refuse_clashes(((row.image_id, number) for number, row in enumerate(known, 1)), table)
    for row in known:
        check_same_picture(images, table, row)
    return PseudoLabelledSamples(images, known)


@dataclass(frozen=True)
class PseudoLabelledSamples:
    """Photographs with pseudo-labels, each read when it is asked for.

    Attributes:
        images: Their folder.
        known: The rows of which something is known.
    """

    images: Path
    known: tuple[PseudoLabel, ...]

    def __len__(self) -> int:
        """Number of photographs."""
        return len(self.known)

    def __getitem__(self, index: int, /) -> EncodedPicture:
        """Read photograph `index`.

        Raises:
            IndexError: There is no such photograph.
            DatasetError: It cannot be read.
        """
        row = self.known[index]
        return open_photograph(self.images / row.file, row.image_id, partial(_truth, row))

    def __iter__(self) -> Iterator[EncodedPicture]:
        """Read one photograph after the other."""
        return (self[index] for index in range(len(self)))

    @property
    def paths(self) -> tuple[Path, ...]:
        """The files of the photographs."""
        return tuple(self.images / row.file for row in self.known)

    def label(self, index: int) -> int:
        """Return the label of a photograph, which is not read."""
        return _label(self.known[index])


def _truth(row: PseudoLabel, size: Size) -> Truth:
    mask = row.mask.astype(np.uint8) if row.valid else None
    return Truth(mask=mask, label=_label(row))


def _label(row: PseudoLabel) -> int:
    """Return what was said; a mask that is valid shows a target."""
    return 1 if row.label is None else row.label


def check_same_picture(images: Path, table: Path, row: PseudoLabel) -> None:
    """Refuse a row that is not of the photograph in the folder.

    Raises:
        DatasetError: The folder holds no such file, or it is another picture.
    """
    path = images / row.file
    outside = Path(row.file).is_absolute() or ".." in Path(row.file).parts
    if outside or not path.is_file():
        raise DatasetError(
            f"{table}: is of other pictures: {images} holds no file {row.file!r}; give the folder that was labelled"
        )
    if picture_hash(read_file(path)) != row.picture_hash:
        raise DatasetError(
            f"{table}: is of other pictures: {path} is not the file that was labelled; label the folder again"
        )
