"""Real boxes, read from a COCO file: the pictures themselves are not opened, only their sizes are used."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from jaxtyping import Float64

from synthgen.core.errors import DatasetError
from synthgen.formats.coco_file import Annotation, Photograph, read_coco_file
from synthgen.priors.boxes import EDGE, Boxes

__all__ = ["Survey", "survey"]


@dataclass(frozen=True)
class Survey:
    """What a file says.

    Attributes:
        boxes: Of all its categories, as they lie in frames that the pictures are squeezed into.
        stretches: Width over height of each box's picture, relative to that of the frame.
        pictures: The same of each picture.
        categories: Names of the categories that have a box.
    """

    boxes: Boxes
    stretches: Float64[np.ndarray, " n"]
    pictures: Float64[np.ndarray, " pictures"]
    categories: tuple[str, ...]


def survey(path: Path, aspect: float = 1.0) -> Survey:
    """Read the boxes of a COCO file; a picture with a crowd is left out, as nobody knows how many objects it shows.

    Args:
        path: The file.
        aspect: Width over height of the frames that the pictures are squeezed into.

    Raises:
        DatasetError: It cannot be read, is no COCO JSON, or has no box; or a box covers nothing.
    """
    file = read_coco_file(path)
    found = [(photograph, file.annotations.get(photograph.id, [])) for photograph in file.photographs]
    plain = [(photograph, boxes) for photograph, boxes in found if not any(box.crowd for box in boxes)]
    pairs = [(photograph, box) for photograph, boxes in plain for box in boxes]
    if not pairs:
        raise DatasetError(f"{path}: no boxes in {len(found):,} images, crowds apart; give a file that has annotations")
    xyxy = np.array([_seen(photograph, box, path) for photograph, box in pairs])
    near = np.array([np.maximum(EDGE, 1 / np.array(photograph.size[::-1])) for photograph, _ in pairs])
    touches = np.concatenate([xyxy[:, :2] <= near, xyxy[:, 2:] >= 1 - near], axis=1)
    counts = np.array([len(boxes) for _, boxes in plain])
    pictures = np.array([photograph.size[1] / photograph.size[0] / aspect for photograph, _ in plain])
    categories = tuple(sorted({box.category for _, box in pairs}))
    return Survey(Boxes(xyxy, touches, counts, aspect), np.repeat(pictures, counts), pictures, categories)


def _seen(photograph: Photograph, box: Annotation, path: Path) -> Float64[np.ndarray, " 4"]:
    """Return the part of a box within its picture, as fractions of the picture."""
    height, width = photograph.size
    xyxy = np.clip(np.array(box.xyxy) / [width, height, width, height], 0, 1)
    if not (xyxy[2:] > xyxy[:2]).all():
        raise DatasetError(
            f"{path}: annotation {box.id!r} of {photograph.file}: its box covers nothing, as its width or height is 0; "
            f"correct it or take it out"
        )
    return xyxy
