"""A folder of photographs, with or without a folder of masks: images/NAME.jpg, masks/NAME.png, ignore/NAME.png.

In a mask, above 0 is foreground. A folder `ignore` beside the folder of masks may hold pictures of the same kind;
above 0 are the pixels that neither losses nor scores count.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import cv2
import numpy as np

from synthgen.core.errors import DatasetError
from synthgen.core.picture import EncodedPicture, Truth
from synthgen.core.pictures import IMAGE_SUFFIXES
from synthgen.core.types import Coverage, Size
from synthgen.formats.photograph import header, open_photograph, read_file, refuse_clashes

__all__ = ["IGNORE", "FolderSamples", "find_photographs", "mask_truth", "read_folder"]

IGNORE = "ignore"


def find_photographs(path: Path) -> list[Path]:
    """Return one image, or all images of a folder, sorted; names that begin with a dot are passed over.

    Raises:
        DatasetError: There is none.
    """
    found = [path] if path.is_file() else sorted(each for each in path.glob("*") if _is_image(each))
    if not found:
        raise DatasetError(f"{path}: no images found; give an image file or a folder of PNG or JPEG files")
    return found


def read_folder(images: Path, masks: Path | None = None) -> FolderSamples:
    """Return the photographs of a folder, each with the mask of the same stem where masks are given.

    Raises:
        DatasetError: There is no photograph, a mask is missing, or two photographs have one stem.
    """
    paths = tuple(find_photographs(images))
    refuse_clashes(((path.stem, path.name) for path in paths), images)
    if masks is not None:
        for path in paths:
            if not (masks / f"{path.stem}.png").exists():
                raise DatasetError(f"{masks / path.stem}.png: no mask for {path.name}; expected a PNG of the same stem")
    return FolderSamples(paths, masks)


@dataclass(frozen=True)
class FolderSamples:
    """Photographs in the order of their names, each read when it is asked for.

    Attributes:
        paths: Their files.
        masks: Folder of their masks, if any.
    """

    paths: tuple[Path, ...]
    masks: Path | None

    def __len__(self) -> int:
        """Number of photographs."""
        return len(self.paths)

    def __getitem__(self, index: int, /) -> EncodedPicture:
        """Read photograph `index`.

        Raises:
            IndexError: There is no such photograph.
            DatasetError: It, or its mask, cannot be read.
        """
        path = self.paths[index]
        truth = None if self.masks is None else partial(mask_truth, self.masks / f"{path.stem}.png")
        return open_photograph(path, path.stem, truth)

    def __iter__(self) -> Iterator[EncodedPicture]:
        """Read one photograph after the other."""
        return (self[index] for index in range(len(self)))


def mask_truth(path: Path, size: Size) -> Truth:
    """Read a picture's mask, and what is to be ignored where a folder beside that of the mask says so.

    Raises:
        DatasetError: The mask cannot be read, or is of another size than the picture.
    """
    mask = _read_mask(path, size)
    ignore = path.parent.parent / IGNORE / path.name
    left_out = _read_mask(ignore, size) & ~mask if ignore.exists() else None
    return Truth(mask=mask.astype(np.uint8), label=int(mask.any()), ignore=left_out)


def _read_mask(path: Path, size: Size) -> Coverage:
    data = read_file(path)
    found, _ = header(path, data)
    if found != size:
        raise DatasetError(f"{path}: mask is {found}, its photograph {size}; export it at the same size")
    mask = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_GRAYSCALE)
    if mask is None:
        raise DatasetError(f"{path}: damaged or truncated; replace it")
    covered: Coverage = mask > 0
    return covered


def _is_image(path: Path) -> bool:
    return path.suffix.lower() in IMAGE_SUFFIXES and not path.name.startswith(".")
