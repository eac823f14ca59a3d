"""ImageNet's localization layout: a folder of pictures, and one of Pascal VOC's XML with a file of each one's stem.

Both may have folders below them, as ILSVRC's have one for each class. The corners of a `bndbox` are taken as the first
and the last pixel, from 0. The class of an object is its `name`, in ImageNet a synset such as "n04086273"; the class of
a picture is that of its first object, and its boxes are those of its class.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from xml.etree import ElementTree

import numpy as np

from synthgen.core.errors import DatasetError
from synthgen.core.picture import Boxes, EncodedPicture, Truth
from synthgen.core.types import Size
from synthgen.formats.found_files import files_of, name_in, pictures_of
from synthgen.formats.photograph import open_photograph, photograph_name, read_file, refuse_clashes

__all__ = ["Entry", "VocSamples", "read_voc"]

MAX_XML = 2**22  # bytes
CORNERS = ("xmin", "ymin", "xmax", "ymax")


@dataclass(frozen=True, slots=True)
class Entry:
    """What a file of XML says.

    Attributes:
        size: (height, width); None where it does not say.
        names: The class of each object.
        corners: Of each the first and the last pixel (x0, y0, x1, y1).
    """

    size: Size | None
    names: tuple[str, ...]
    corners: tuple[tuple[float, float, float, float], ...]


@dataclass(frozen=True)
class VocSamples:
    """Pictures with boxes, sorted by path, each read when it is asked for.

    Attributes:
        images: Their folder.
        paths: Their files.
        entries: What is annotated on each.
        left_out: Pictures without annotations, and annotations without picture or object, in words.
    """

    images: Path
    paths: tuple[Path, ...]
    entries: tuple[Entry, ...]
    left_out: tuple[str, ...]

    @property
    def classes(self) -> tuple[str, ...]:
        """The class of each picture."""
        return tuple(entry.names[0] for entry in self.entries)

    def __len__(self) -> int:
        """Number of pictures."""
        return len(self.paths)

    def __getitem__(self, index: int, /) -> EncodedPicture:
        """Read picture `index`.

        Raises:
            IndexError: There is no such picture.
            DatasetError: It cannot be read, or is of another size than its annotations say.
        """
        path = self.paths[index]
        name = photograph_name(path.relative_to(self.images))
        return open_photograph(path, name, partial(_truth, path, self.entries[index]))

    def __iter__(self) -> Iterator[EncodedPicture]:
        """Read one picture after the other."""
        return (self[index] for index in range(len(self)))


def read_voc(images: Path, annotations: Path) -> VocSamples:
    """Return the pictures that have annotations with an object; what lacks its partner is left out and told.

    Raises:
        DatasetError: Nothing has a partner, a file of annotations is no XML or has a box without area, or two pictures
            have one name.
    """
    pictures = {name_in(images, path): path for path in pictures_of(images)}
    files = {name_in(annotations, path): path for path in files_of(annotations, {".xml"})}
    entries = {name: _entry(files[name]) for name in pictures if name in files}
    shown = {name: entry for name, entry in entries.items() if entry.names}
    left_out = [
        *(f"{pictures[name].relative_to(images)}: no annotations" for name in pictures if name not in files),
        *(f"{files[name].relative_to(annotations)}: no picture" for name in files if name not in pictures),
        *(f"{files[name].relative_to(annotations)}: no object" for name in entries if name not in shown),
    ]
    if not shown:
        raise DatasetError(
            f"{images} and {annotations}: no picture has annotations of its stem with an object; correct the folders"
        )
    paths = tuple(pictures[name] for name in shown)
    refuse_clashes(((photograph_name(name), path) for name, path in zip(shown, paths, strict=True)), images)
    return VocSamples(images, paths, tuple(shown.values()), tuple(left_out))


def _entry(path: Path) -> Entry:
    try:
        tree = ElementTree.fromstring(read_file(path, MAX_XML))
        told = tree.find("size")
        size = None if told is None else (int(_text(told, "height")), int(_text(told, "width")))
        objects = list(tree.iter("object"))
        corners = tuple(_corners(each) for each in objects)
        return Entry(size, tuple(_text(each, "name") for each in objects), corners)
    except ElementTree.ParseError as error:
        raise DatasetError(f"{path}: not XML: {error}; export it again") from error
    except ValueError as error:
        raise DatasetError(f"{path}: {error}; correct it") from error


def _corners(entry: ElementTree.Element) -> tuple[float, float, float, float]:
    box = entry.find("bndbox")
    if box is None:
        raise ValueError("an object has no bndbox")
    x0, y0, x1, y1 = (float(_text(box, corner)) for corner in CORNERS)
    if not (np.isfinite([x0, y0, x1, y1]).all() and x0 <= x1 and y0 <= y1):
        raise ValueError(f"the box {x0:g}, {y0:g}, {x1:g}, {y1:g} has no area")
    return x0, y0, x1, y1


def _text(entry: ElementTree.Element, name: str) -> str:
    text = (entry.findtext(name) or "").strip()
    if not text:
        raise ValueError(f"<{entry.tag}> has no {name}")
    return text


def _truth(path: Path, entry: Entry, size: Size) -> Truth:
    if entry.size is not None and entry.size != size:
        raise DatasetError(
            f"{path}: is {size[0]}×{size[1]}, its annotations say {entry.size[0]}×{entry.size[1]}; "
            "annotate it at its own size"
        )
    corners = np.array(entry.corners, np.float32) + np.array([0, 0, 1, 1], np.float32)  # half-open
    inside = np.clip(corners, 0, [size[1], size[0], size[1], size[0]]).astype(np.float32)
    boxes = Boxes.of(inside, entry.names)
    return Truth(boxes=boxes.select(np.array([name == entry.names[0] for name in entry.names])), label=1)
