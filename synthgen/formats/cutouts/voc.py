"""Pascal VOC with masks: JPEGImages/, SegmentationObject/ (a number for each object, 255 for void) and Annotations/.

An object's category is that of the entry of its number in the XML; without XML, what most of its pixels are in
SegmentationClass/, by the numbers of VOC's own classes.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from io import BytesIO
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
from jaxtyping import Bool, UInt8
from PIL import Image

from synthgen.core.errors import DatasetError
from synthgen.core.pictures import MAX_PIXELS
from synthgen.core.types import Size
from synthgen.formats.cutouts.mask_values import of_size
from synthgen.formats.found_files import files_of
from synthgen.formats.offer import Format, Mark, Offer, Photograph, ReadOptions, Refused
from synthgen.formats.photograph import read_file, read_photograph

__all__ = ["VOC"]

OBJECTS, CLASSES, PICTURES, ENTRIES = "SegmentationObject", "SegmentationClass", "JPEGImages", "Annotations"
DEEP = ("", "*/", "*/*/")  # where the folders may lie, as in VOCdevkit/VOC2012
VOID = 255
NAMES = (
    "aeroplane bicycle bird boat bottle bus car cat chair cow diningtable dog horse motorbike person pottedplant sheep "
    "sofa train tvmonitor"
).split()
MAX_XML = 2**22  # bytes


def _fits(source: Path) -> bool:
    return bool(_roots(source))


def _read(source: Path, _: ReadOptions) -> Iterator[Offer]:
    for root in _roots(source):
        for path in files_of(root / OBJECTS, {".png"}):
            yield from _offers(root, path)


def _roots(source: Path) -> list[Path]:
    return sorted(path.parent for deep in DEEP for path in source.glob(f"{deep}{OBJECTS}") if path.is_dir())


def _offers(root: Path, path: Path) -> Iterator[Offer]:
    picture = next((p for p in sorted((root / PICTURES).glob(f"{path.stem}.*")) if p.is_file()), None)
    if picture is None:
        yield Refused(f"{OBJECTS}/{path.name}", f"no picture of the same name in {PICTURES}/; add it")
        return
    try:
        numbers = _indices(path)
        categories = _categories(root, path.stem, numbers)
    except (DatasetError, ValueError) as error:
        yield Refused(f"{OBJECTS}/{path.name}", str(error))
        return
    marks = tuple(
        Mark(str(number), categories.get(number, ""), partial(_mask, path, number))
        for number in np.unique(numbers).tolist()
        if number not in (0, VOID)
    )
    if marks:
        yield Photograph(path.stem, partial(read_photograph, picture), marks)


def _mask(path: Path, number: int, size: Size) -> Bool[np.ndarray, "_h _w"]:
    found: np.ndarray = of_size(_indices(path), size, path.name) == number
    return found


def _indices(path: Path) -> UInt8[np.ndarray, "_h _w"]:
    """Read numbers out of a picture with a palette, or a grey one."""
    try:
        with Image.open(BytesIO(read_file(path))) as picture:
            if picture.mode not in ("P", "L") or picture.width * picture.height > MAX_PIXELS:
                raise ValueError(f"{path.name}: a picture of mode {picture.mode}, expected numbers (P or L)")
            return np.array(picture)
    except (OSError, SyntaxError, Image.DecompressionBombError) as error:
        raise ValueError(f"{path.name}: cannot be read: {error}; replace it") from error


def _categories(root: Path, stem: str, numbers: np.ndarray) -> dict[int, str]:
    entries = root / ENTRIES / f"{stem}.xml"
    if entries.is_file():
        return _entries(entries)
    classes = root / CLASSES / f"{stem}.png"
    if not classes.is_file():
        return {}
    kinds = _indices(classes)
    if kinds.shape != numbers.shape:
        raise ValueError(f"{CLASSES}/{classes.name} is of another size than {OBJECTS}/{classes.name}; export both")
    found = {}
    for number in np.unique(numbers).tolist():
        most = int(np.bincount(kinds[numbers == number], minlength=256).argmax())
        if number not in (0, VOID) and 1 <= most <= len(NAMES):
            found[number] = NAMES[most - 1]
    return found


def _entries(path: Path) -> dict[int, str]:
    """Return the names of the entries by their places, from 1, as the masks number them."""
    try:
        tree = ElementTree.fromstring(read_file(path, MAX_XML))
    except ElementTree.ParseError as error:
        raise ValueError(f"{path.name}: not XML: {error}; export it again") from error
    return {place: entry.findtext("name") or "" for place, entry in enumerate(tree.iter("object"), 1)}


VOC = Format(_fits, _read, "Pascal VOC with masks")
