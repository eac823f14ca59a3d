"""Annotated photographs of any kind, made into the folders images/ and masks/ that `synthgen evaluate` reads."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from synthgen.core.errors import DatasetError
from synthgen.core.files import make_directory, write_atomic
from synthgen.core.pictures import write_picture
from synthgen.formats.coco import read_coco
from synthgen.formats.folder import Photograph, find_photographs, read_photograph
from synthgen.formats.tint import MaskShape, mask_of_tint, mask_shape, thresholded_tint

__all__ = ["TintReport", "from_coco", "from_tints", "six_fold", "write_photographs", "write_tint_reports"]


@dataclass(frozen=True, slots=True)
class TintReport:
    """How torn a tint's mask is when every changed pixel is taken, and how torn as it is written."""

    name: str
    thresholded: MaskShape
    written: MaskShape


def from_tints(images: Path, tinted: Path) -> Iterator[tuple[Photograph, TintReport]]:
    """Yield every photograph with the mask of the tinted picture of the same stem.

    Raises:
        DatasetError: A tinted picture is missing, of another size, or shows no tint.
    """
    painted = {path.stem: path for path in find_photographs(tinted)}
    for path in find_photographs(images):
        if path.stem not in painted:
            raise DatasetError(f"{tinted}: no tinted picture for {path.name}; expected one of the same stem")
        before, after = read_photograph(path), read_photograph(painted[path.stem])
        try:
            mask = mask_of_tint(before, after)
        except DatasetError as error:
            raise DatasetError(f"{painted[path.stem]}: {error}") from error
        shapes = mask_shape(thresholded_tint(before, after)), mask_shape(mask)
        yield Photograph(path.stem, before, mask), TintReport(path.stem, *shapes)


def from_coco(images: Path, annotations: Path, categories: Sequence[str]) -> Iterator[Photograph]:
    """Yield every photograph of a COCO file with the mask of its annotations of `categories` (default: all).

    Raises:
        DatasetError: The file is no COCO annotations, or has boxes without segmentations.
    """
    for photograph in read_coco(images, annotations, categories):
        if not photograph.outlined:
            raise DatasetError(
                f"{annotations}: {photograph.name} has boxes without segmentation, which give no mask; "
                "score on them with `synthgen evaluate --boxes`"
            )
        yield Photograph(photograph.name, photograph.image, photograph.mask)


def six_fold(photograph: Photograph) -> Iterator[Photograph]:
    """Yield a photograph under two rotations (0°, 90° counter-clockwise) times three flips (none, lr, ud)."""
    for degrees in (0, 90):
        image, mask = (np.rot90(pixels, degrees // 90) for pixels in (photograph.image, photograph.mask))
        for flip, axis in (("none", None), ("lr", 1), ("ud", 0)):
            turned = [pixels if axis is None else np.flip(pixels, axis) for pixels in (image, mask)]
            yield Photograph(f"{photograph.name}-{degrees}-{flip}", *map(np.ascontiguousarray, turned))


def write_photographs(photographs: Iterable[Photograph], output: Path) -> int:
    """Write images/NAME.png and masks/NAME.png (255 = foreground); return how many.

    Raises:
        DatasetError: Two photographs have one name.
        OutputError: A picture cannot be written.
    """
    images, masks = make_directory(output / "images"), make_directory(output / "masks")
    names: set[str] = set()
    for photograph in photographs:
        if photograph.name in names:
            raise DatasetError(f"two photographs are called {photograph.name!r}; give one another name")
        names.add(photograph.name)
        write_picture(images / f"{photograph.name}.png", photograph.image)
        write_picture(masks / f"{photograph.name}.png", photograph.mask.astype(np.uint8) * 255)
    return len(names)


def write_tint_reports(reports: Sequence[TintReport], path: Path) -> None:
    """Write a table of parts, holes and their pixels, thresholded and as written."""
    columns = [f"{kind}_{what}" for kind in ("thresholded", "written") for what in ("parts", "holes", "hole_pixels")]
    lines = ["\t".join(["name", *columns])]
    for report in reports:
        shapes = (report.thresholded, report.written)
        lines.append("\t".join([report.name, *(f"{s.parts}\t{s.holes}\t{s.hole_pixels}" for s in shapes)]))
    write_atomic(path, "\n".join([*lines, ""]).encode())
