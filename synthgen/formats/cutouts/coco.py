"""COCO: one JSON, or several, with polygons or run lengths of the objects on photographs that lie in the same folder.

Wrong entries are refused one by one; crowds stand for many objects that nobody counted, and are left out.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from itertools import islice
from pathlib import Path

import numpy as np
from jaxtyping import Bool

from synthgen.core.errors import DatasetError
from synthgen.core.types import Size
from synthgen.formats.coco_file import Annotation, read_coco_file
from synthgen.formats.coco_file import Photograph as Entry
from synthgen.formats.found_files import LOOKED_AT, PictureIndex, files_of
from synthgen.formats.offer import Credit, Format, Mark, Offer, Photograph, ReadOptions, Refused
from synthgen.formats.photograph import read_photograph
from synthgen.formats.segmentation import decode_segmentation

__all__ = ["COCO"]

KEYS = (b'"images"', b'"annotations"', b'"categories"')
LOOKED_FOR = 2**20  # bytes at either end of a file, in which the keys stand


def _fits(source: Path) -> bool:
    return any(_is_coco(path) for path in _files(source))


def _read(source: Path, _: ReadOptions) -> Iterator[Offer]:
    folder = source.parent if source.is_file() else source
    index = PictureIndex(folder)
    for path in filter(_is_coco, _files(source)):
        wrong = list[ValueError]()
        found = read_coco_file(path, wrong.append)
        yield from (Refused(path.name, str(error)) for error in wrong)
        for entry in found.photographs:
            annotations = found.annotations.get(entry.id, [])
            if annotations:
                yield from _offers(entry, annotations, index, path.parent)


def _files(source: Path) -> Iterator[Path]:
    return islice(files_of(source, {".json"}), LOOKED_AT)


def _is_coco(path: Path) -> bool:
    """Look for the three keys at both ends of a file: the lists between them may be long."""
    try:
        with path.open("rb") as stream:
            start = stream.read(LOOKED_FOR)
            stream.seek(max(0, path.stat().st_size - LOOKED_FOR))
            ends = start + stream.read(LOOKED_FOR)
    except OSError:
        return False
    return start.lstrip()[:1] == b"{" and sum(key in ends for key in KEYS) >= 2 and KEYS[0] in ends


def _offers(entry: Entry, annotations: list[Annotation], index: PictureIndex, near: Path) -> Iterator[Offer]:
    crowds = [each for each in annotations if each.crowd]
    objects = [each for each in annotations if not each.crowd]
    for crowd in crowds:
        yield Refused(f"{entry.file}#{crowd.id}", "a crowd stands for many objects that nobody counted")
    try:
        path = index.find(entry.file, near)
    except DatasetError as error:
        for each in objects:
            yield Refused(f"{entry.file}#{each.id}", str(error))
        return
    marks = tuple(_mark(each, number) for number, each in enumerate(objects))
    if marks:
        credit = Credit(entry.licence, entry.author, entry.source)
        name = Path(entry.file).with_suffix("").as_posix()
        yield Photograph(name, partial(read_photograph, path), marks, credit=credit)


def _mark(annotation: Annotation, number: int) -> Mark:
    name = str(number if annotation.id is None else annotation.id)
    return Mark(name, annotation.category, partial(_mask, annotation))


def _mask(annotation: Annotation, size: Size) -> Bool[np.ndarray, "_h _w"]:
    if not annotation.segmentation:
        raise ValueError("a box without an outline; annotate a polygon or a mask")
    return decode_segmentation(annotation.segmentation, size)


COCO = Format(_fits, _read, "COCO JSON")
