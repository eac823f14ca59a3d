"""COCO annotations: boxes and masks of photographs.

Crowds (`iscrowd`) stand for many objects that nobody counted. They are no boxes to be found, and their region is
ignored. The file is checked when it is opened; segmentations are decoded when a picture's truth is asked for.
"""

from __future__ import annotations

import reprlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np

from synthgen.core.errors import DatasetError
from synthgen.core.picture import Boxes, EncodedPicture, Truth
from synthgen.core.types import Coverage, InstanceMask, Size
from synthgen.formats.coco_file import Annotation, CocoFile, read_coco_file
from synthgen.formats.photograph import open_photograph, photograph_name, refuse_clashes
from synthgen.formats.segmentation import decode_segmentation

__all__ = ["CocoSamples", "read_coco"]

MOST_INSTANCES = 255  # that a mask can number; the objects beyond share the last number, and no box knows its own


def read_coco(images: Path, annotations: Path, categories: Sequence[str] = ()) -> CocoSamples:
    """Return the photographs of a COCO file in its order, with the annotations of `categories` (default: all).

    Raises:
        DatasetError: The file is no COCO annotations or lacks a category; a photograph is missing, lies outside of
            the folder `images`, or has the name of another.
    """
    found = read_coco_file(annotations)
    for name in categories:
        if name not in found.categories.values():
            known = ", ".join(found.categories.values())
            raise DatasetError(f"{annotations}: no category {name!r}; there are: {known}")
    named = [(photograph_name(photograph.file), photograph.file) for photograph in found.photographs]
    refuse_clashes(named, annotations)
    root = images.resolve()
    paths = tuple(_path(images, root, photograph.file, annotations) for photograph in found.photographs)
    return CocoSamples(annotations, found, paths, frozenset(categories or found.categories.values()))


@dataclass(frozen=True)
class CocoSamples:
    """Annotated photographs, each read when it is asked for.

    Attributes:
        source: The file of the annotations, for messages.
        found: What it says.
        paths: The files of the photographs.
        categories: The categories whose annotations count.
    """

    source: Path
    found: CocoFile
    paths: tuple[Path, ...]
    categories: frozenset[str]

    @property
    def annotated_categories(self) -> tuple[str, ...]:
        """The categories that count and that an annotation has, in the file's order; many files name more."""
        had = {each.category for annotations in self.found.annotations.values() for each in annotations}
        return tuple(name for name in self.found.categories.values() if name in had & self.categories)

    def __len__(self) -> int:
        """Number of photographs."""
        return len(self.paths)

    def __getitem__(self, index: int, /) -> EncodedPicture:
        """Read photograph `index`.

        Raises:
            IndexError: There is no such photograph.
            DatasetError: It cannot be read, or is of another size than the annotations say.
        """
        path, photograph = self.paths[index], self.found.photographs[index]
        counted = [each for each in self.found.annotations.get(photograph.id, ()) if each.category in self.categories]
        picture = open_photograph(path, photograph_name(photograph.file), partial(_truth, self.source, counted))
        if picture.size != photograph.size:
            raise DatasetError(
                f"{self.source}: {photograph.file} is {photograph.size[0]}×{photograph.size[1]} there, the file is "
                f"{picture.size[0]}×{picture.size[1]}; annotate it at its own size"
            )
        return picture

    def __iter__(self) -> Iterator[EncodedPicture]:
        """Read one photograph after the other."""
        return (self[index] for index in range(len(self)))


def _truth(source: Path, annotations: Sequence[Annotation], size: Size) -> Truth:
    """A mask needs the segmentation of every object; without one there are boxes alone."""
    objects = [each for each in annotations if not each.crowd]
    crowds = [each for each in annotations if each.crowd]
    outlined = all(each.segmentation for each in objects)
    mask = _mask(source, objects, size) if outlined else None
    return Truth(
        mask=mask,
        boxes=_boxes(annotations, size, numbered=outlined and len(objects) <= MOST_INSTANCES),
        label=int(bool(annotations)),
        ignore=_ignored(source, crowds, size, mask),
    )


def _mask(source: Path, objects: Sequence[Annotation], size: Size) -> InstanceMask:
    mask = np.zeros(size, np.uint8)
    for number, annotation in enumerate(objects, 1):
        mask[_pixels(source, annotation, size)] = min(number, MOST_INSTANCES)
    return mask


def _ignored(source: Path, crowds: Sequence[Annotation], size: Size, mask: InstanceMask | None) -> Coverage | None:
    """Return the region of the crowds, their boxes where they have no segmentation, without the pixels of objects."""
    region = np.zeros(size, bool)
    for annotation in crowds:
        if annotation.segmentation:
            region |= _pixels(source, annotation, size)
        else:
            x0, y0, x1, y1 = (max(0, round(value)) for value in annotation.xyxy)
            region[y0:y1, x0:x1] = True
    if mask is not None:
        region &= mask == 0
    return region if region.any() else None


def _pixels(source: Path, annotation: Annotation, size: Size) -> Coverage:
    try:
        return decode_segmentation(annotation.segmentation, size)
    except ValueError as error:
        raise DatasetError(f"{source}: annotation {annotation.id!r}: {error}; correct its segmentation") from error


def _boxes(annotations: Sequence[Annotation], size: Size, *, numbered: bool) -> Boxes:
    """Crowds have the number 0: no pixel of the mask is theirs."""
    corners = np.array([each.xyxy for each in annotations], np.float32).reshape(-1, 4)
    inside = np.clip(corners, 0, [size[1], size[0], size[1], size[0]]).astype(np.float32)
    crowd = np.array([each.crowd for each in annotations], bool)
    numbers = np.where(crowd, 0, np.cumsum(~crowd)) if numbered else None
    return Boxes.of(inside, [each.category for each in annotations], crowd=crowd, numbers=numbers)


def _path(images: Path, root: Path, file: str, annotations: Path) -> Path:
    """Return where a photograph lies: inside of the folder, whatever links say."""
    path = images / file
    try:
        inside, there = path.resolve().is_relative_to(root), path.exists()
    except (OSError, RuntimeError, ValueError):  # a loop of links, a name that no file can have
        inside = there = False
    if not inside or Path(file).is_absolute():
        raise DatasetError(
            f"{annotations}: file_name {reprlib.repr(file)} leads out of {images}; "
            "name files within that folder, without '..' and links"
        )
    if not there:
        raise DatasetError(f"{path}: named in the annotations, but missing; correct --images")
    return path
