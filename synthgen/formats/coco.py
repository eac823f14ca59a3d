"""COCO annotations: boxes and masks of photographs, read by pycocotools."""

from __future__ import annotations

import contextlib
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from pycocotools.coco import COCO

from synthgen.core.errors import DatasetError
from synthgen.core.types import RGB, Coverage
from synthgen.formats.folder import read_photograph

__all__ = ["Annotated", "read_coco"]

Box = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True, eq=False)
class Annotated:
    """A photograph with what is annotated on it.

    Attributes:
        name: Stem of its file.
        image: RGB.
        boxes: x0, y0, x1, y1 in pixels, half-open.
        mask: Pixels of any annotation's segmentation; of none where it has only boxes.
        outlined: Whether every annotation has a segmentation.
    """

    name: str
    image: RGB
    boxes: tuple[Box, ...]
    mask: Coverage
    outlined: bool


def read_coco(images: Path, annotations: Path, categories: Sequence[str] = ()) -> Iterator[Annotated]:
    """Yield the photographs of a COCO file in its order, with the annotations of `categories` (default: all).

    Raises:
        DatasetError: The file is no COCO annotations or lacks a category; a photograph is missing or of another size.
    """
    coco = _opened(annotations)
    known = {category["name"]: category["id"] for category in coco.dataset.get("categories", [])}
    for name in categories:
        if name not in known:
            raise DatasetError(f"{annotations}: no category {name!r}; there are: {', '.join(known)}")
    chosen = [known[name] for name in categories]
    for entry in coco.dataset["images"]:
        image = read_photograph(_photograph(images, entry["file_name"]))
        if image.shape[:2] != (entry["height"], entry["width"]):
            raise DatasetError(
                f"{annotations}: {entry['file_name']} is {entry['height']}×{entry['width']} there, the file is "
                f"{image.shape[0]}×{image.shape[1]}; annotate it at its own size"
            )
        found = coco.loadAnns(coco.getAnnIds(imgIds=[entry["id"]], catIds=chosen))
        outlined = all(annotation.get("segmentation") for annotation in found)
        mask = np.zeros(image.shape[:2], bool)
        for annotation in found:
            if annotation.get("segmentation"):
                mask |= coco.annToMask(annotation) > 0
        boxes = tuple(_corners(annotation["bbox"]) for annotation in found)
        yield Annotated(Path(entry["file_name"]).stem, image, boxes, mask, outlined)


def _opened(annotations: Path) -> COCO:
    try:
        with contextlib.redirect_stdout(io.StringIO()):  # it tells how long it took
            coco = COCO(str(annotations))
        if "images" not in coco.dataset:
            raise KeyError("images")
    except OSError as error:
        raise DatasetError(f"{annotations}: cannot be read: {error.strerror or error}; correct the path") from error
    except (ValueError, KeyError, TypeError, AssertionError) as error:
        raise DatasetError(f"{annotations}: no COCO annotations: {error!r}; export them as COCO JSON") from error
    return coco


def _photograph(images: Path, name: str) -> Path:
    path = images / name
    if not path.is_file():
        raise DatasetError(f"{path}: named in the annotations, but missing; correct --images")
    return path


def _corners(bbox: Sequence[float]) -> Box:
    x, y, width, height = (float(value) for value in bbox)
    return x, y, x + width, y + height
