"""Photographs whose objects were painted over translucently: one folder as they were, one folder tinted."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np

from synthgen.core.errors import DatasetError
from synthgen.core.files import write_atomic
from synthgen.core.picture import EncodedPicture, Truth
from synthgen.core.types import Size
from synthgen.formats.folder import find_photographs
from synthgen.formats.photograph import open_photograph, read_photograph, refuse_clashes
from synthgen.formats.tint import MaskShape, mask_of_tint, mask_shape, thresholded_tint

__all__ = ["TintReport", "TintSamples", "read_tints", "write_tint_reports"]


@dataclass(frozen=True, slots=True)
class TintReport:
    """How torn a tint's mask is when every changed pixel is taken, and how torn as it is written."""

    name: str
    thresholded: MaskShape
    written: MaskShape


def read_tints(images: Path, tinted: Path) -> TintSamples:
    """Return every photograph with the mask of the tinted picture of the same stem.

    Raises:
        DatasetError: There is no photograph, a tinted one is missing, or two have one stem.
    """
    paths, painted = find_photographs(images), find_photographs(tinted)
    for found, folder in ((paths, images), (painted, tinted)):
        refuse_clashes(((path.stem, path.name) for path in found), folder)
    tints = {path.stem: path for path in painted}
    for path in paths:
        if path.stem not in tints:
            raise DatasetError(f"{tinted}: no tinted picture for {path.name}; expected one of the same stem")
    return TintSamples(tuple((path, tints[path.stem]) for path in paths))


@dataclass(frozen=True)
class TintSamples:
    """Photographs with masks of tints, each read when it is asked for.

    Attributes:
        pairs: The files of the photograph and of the tinted one.
    """

    pairs: tuple[tuple[Path, Path], ...]

    def __len__(self) -> int:
        """Number of photographs."""
        return len(self.pairs)

    def __getitem__(self, index: int, /) -> EncodedPicture:
        """Read photograph `index`.

        Raises:
            IndexError: There is no such photograph.
            DatasetError: It cannot be read; its truth raises it where the tinted one shows no tint.
        """
        path, tinted = self.pairs[index]
        return open_photograph(path, path.stem, partial(_truth, path, tinted))

    def __iter__(self) -> Iterator[EncodedPicture]:
        """Read one photograph after the other."""
        return (self[index] for index in range(len(self)))

    def report(self, index: int) -> TintReport:
        """Compare the mask of photograph `index` with that of every pixel that changed.

        Raises:
            DatasetError: One of the two cannot be read, or shows no tint.
        """
        picture = self[index]
        assert picture.truth.mask is not None, "a tint gives a mask"
        changed = thresholded_tint(picture.image, read_photograph(self.pairs[index][1]))
        return TintReport(picture.name, mask_shape(changed), mask_shape(picture.truth.mask > 0))


def write_tint_reports(reports: Sequence[TintReport], path: Path) -> None:
    """Write a table of parts, holes and their pixels, thresholded and as written."""
    columns = [f"{kind}_{what}" for kind in ("thresholded", "written") for what in ("parts", "holes", "hole_pixels")]
    lines = ["\t".join(["name", *columns])]
    for report in reports:
        shapes = (report.thresholded, report.written)
        lines.append("\t".join([report.name, *(f"{s.parts}\t{s.holes}\t{s.hole_pixels}" for s in shapes)]))
    write_atomic(path, "\n".join([*lines, ""]).encode())


def _truth(path: Path, tinted: Path, _: Size) -> Truth:
    before, after = read_photograph(path), read_photograph(tinted)
    try:
        mask = mask_of_tint(before, after)
    except DatasetError as error:
        raise DatasetError(f"{tinted}: {error}") from error
    return Truth(mask=mask.astype(np.uint8), label=1)
