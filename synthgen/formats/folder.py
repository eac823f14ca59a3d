"""A folder of photographs, with or without a folder of masks, letterboxed to a network's input size."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from synthgen.core.errors import AssetError, DatasetError
from synthgen.core.pictures import IMAGE_SUFFIXES, read_background
from synthgen.core.types import RGB, Coverage, Size

__all__ = ["Photograph", "find_photographs", "fit_into", "read_pairs", "read_photograph"]


@dataclass(frozen=True, slots=True, eq=False)
class Photograph:
    """A picture and its mask at their own size."""

    name: str
    image: RGB
    mask: Coverage


def find_photographs(path: Path) -> list[Path]:
    """Return one image, or all images of a folder, sorted.

    Raises:
        DatasetError: There is none.
    """
    found = [path] if path.is_file() else sorted(p for p in path.glob("*") if p.suffix.lower() in IMAGE_SUFFIXES)
    if not found:
        raise DatasetError(f"{path}: no images found; give an image file or a folder of PNG or JPEG files")
    return found


def read_pairs(images: Path, masks: Path) -> Iterator[Photograph]:
    """Yield every photograph with the mask of the same stem; above 0 is foreground.

    Raises:
        DatasetError: A mask is missing or of another size.
    """
    for path in find_photographs(images):
        image = read_photograph(path)
        mask_path = masks / f"{path.stem}.png"
        mask = cv2.imread(str(mask_path), cv2.IMREAD_GRAYSCALE)
        if mask is None:
            raise DatasetError(f"{mask_path}: no mask for {path.name}; expected a PNG of the same stem")
        if mask.shape != image.shape[:2]:
            raise DatasetError(
                f"{mask_path}: mask is {mask.shape}, its photograph {image.shape[:2]}; export it at the same size"
            )
        yield Photograph(path.stem, image, mask > 0)


def read_photograph(path: Path) -> RGB:
    """Read any picture as RGB.

    Raises:
        DatasetError: It cannot be read.
    """
    try:
        return read_background(path)[0]
    except AssetError as error:
        raise DatasetError(f"{path}: {error}") from error


def fit_into(pixels: np.ndarray, size: Size) -> np.ndarray:
    """Scale to fit into `size` and centre on black; masks (bool) stay bool."""
    scale = min(size[0] / pixels.shape[0], size[1] / pixels.shape[1])
    height, width = max(1, round(pixels.shape[0] * scale)), max(1, round(pixels.shape[1] * scale))
    interpolation = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    source = pixels.astype(np.uint8) * 255 if pixels.dtype == np.bool_ else pixels
    small = cv2.resize(source, (width, height), interpolation=interpolation)
    canvas = np.zeros((*size, *pixels.shape[2:]), dtype=np.uint8)
    top, left = (size[0] - height) // 2, (size[1] - width) // 2
    canvas[top : top + height, left : left + width] = small
    return canvas >= 128 if pixels.dtype == np.bool_ else canvas
