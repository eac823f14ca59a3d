"""Writes pictures with masks as the folders that `formats.folder` reads."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import numpy as np

from synthgen.core.errors import DatasetError
from synthgen.core.files import make_directory, write_atomic
from synthgen.core.picture import Picture
from synthgen.core.pictures import suffix_of, write_picture
from synthgen.core.types import Coverage
from synthgen.formats.folder import IGNORE

__all__ = ["write_folder"]


def write_folder(pictures: Iterable[Picture], output: Path) -> int:
    """Write images/NAME.png or .jpg, masks/NAME.png and, where pixels are to be ignored, ignore/NAME.png.

    Encoded images are written as they are, others as PNG; in masks 255 is foreground. Return how many were written.

    Raises:
        DatasetError: Two pictures have one name, or one has no mask.
        OutputError: A file cannot be written.
    """
    images, masks = make_directory(output / "images"), make_directory(output / "masks")
    names: set[str] = set()
    for picture in pictures:
        if picture.name.casefold() in names:
            raise DatasetError(f"two pictures are called {picture.name!r}; give one another name")
        names.add(picture.name.casefold())
        if picture.truth.mask is None:
            raise DatasetError(
                f"{picture.name} has no mask: boxes without segmentation give none; "
                "score on boxes with `synthgen evaluate --boxes`"
            )
        _write_image(images, picture)
        _write_mask(masks / f"{picture.name}.png", picture.truth.mask > 0)
        if picture.truth.ignore is not None:
            _write_mask(make_directory(output / IGNORE) / f"{picture.name}.png", picture.truth.ignore)
    return len(names)


def _write_image(folder: Path, picture: Picture) -> None:
    if picture.data is None:
        write_picture(folder / f"{picture.name}.png", picture.image)
    else:
        data = bytes(picture.data)
        write_atomic(folder / f"{picture.name}{suffix_of(data) or '.png'}", data)


def _write_mask(path: Path, mask: Coverage) -> None:
    write_picture(path, mask.astype(np.uint8) * 255)
