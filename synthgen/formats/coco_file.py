"""The JSON of COCO annotations, checked: what comes out can be believed, segmentations excepted."""

from __future__ import annotations

import json
import reprlib
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import orjson

from synthgen.core.errors import DatasetError
from synthgen.formats.licence import licence_name
from synthgen.formats.photograph import read_file
from synthgen.formats.segmentation import finite

__all__ = ["Annotation", "CocoFile", "Photograph", "read_coco_file"]

MAX_BYTES = 512 * 2**20  # the largest file of COCO itself has 450 MB
MOST_ENTRIES, MOST_VALUES = 10_000_000, 100_000_000  # lists and objects; values in them: more than the largest has
Id = int | str
T = TypeVar("T")
OnWrong = Callable[[ValueError], None]


@dataclass(frozen=True, slots=True)
class Photograph:
    """An entry of `images`.

    Attributes:
        id: Of the entry.
        file: Relative to the folder of the images.
        size: (height, width), pixels.
        licence: Name of its licence; empty where the file says none, like author and source.
        author: Who made it.
        source: Where it comes from.
        frame: Its number in a video, from 0 (`frame_id`); None where the file says none.
    """

    id: Id
    file: str
    size: tuple[int, int]
    licence: str = ""
    author: str = ""
    source: str = ""
    frame: int | None = None


@dataclass(frozen=True, slots=True)
class Annotation:
    """An entry of `annotations`.

    Attributes:
        id: For messages; None where it has none.
        category: Its name.
        xyxy: x0, y0, x1, y1 in pixels; it may leave the picture.
        crowd: Whether it stands for many objects.
        segmentation: As it is in the file, not checked; None where there is none.
    """

    id: Any
    category: str
    xyxy: tuple[float, float, float, float]
    crowd: bool
    segmentation: Any


@dataclass(frozen=True)
class CocoFile:
    """Categories by id, photographs in order, and annotations by the id of their photograph."""

    categories: Mapping[Id, str]
    photographs: tuple[Photograph, ...]
    annotations: Mapping[Id, list[Annotation]]


def read_coco_file(path: Path, on_wrong: OnWrong | None = None) -> CocoFile:
    """Read and check a file of annotations; with `on_wrong`, wrong entries are left out and told one by one.

    Raises:
        DatasetError: It cannot be read, is too large, or is no COCO JSON; the message names the first wrong entry.
    """
    data = read_file(path, MAX_BYTES)
    entries, values = data.count(b"[") + data.count(b"{"), data.count(b",")
    if entries > MOST_ENTRIES or values > MOST_VALUES:  # which would fill the memory
        raise DatasetError(
            f"{path}: no COCO annotations: about {entries:,} lists with {values:,} values; "
            f"at most {MOST_ENTRIES:,} and {MOST_VALUES:,} are read: split the file"
        )
    try:
        return _checked(_parsed(data, lenient=on_wrong is not None), on_wrong or _refuse)
    except ValueError as error:
        reason = str(error).partition(": line")[0]
        raise DatasetError(f"{path}: no COCO annotations: {reason}; export them as COCO JSON") from error


def _parsed(data: bytes, *, lenient: bool) -> Any:
    """Parse JSON; what says NaN is none, but a lenient reader takes it, and refuses the entries that have it."""
    try:
        return orjson.loads(data)
    except orjson.JSONDecodeError:
        if not lenient or (b"NaN" not in data and b"Infinity" not in data):
            raise
        return json.loads(data)


def _refuse(error: ValueError) -> None:
    raise error


def _checked(content: Any, on_wrong: OnWrong) -> CocoFile:
    if not isinstance(content, dict):
        raise ValueError(f"a JSON {type(content).__name__}, expected an object")
    images, annotations, categories = (_entries(content, key) for key in ("images", "annotations", "categories"))
    if not images:
        raise ValueError("images is empty")
    names = dict(_right(categories, _category, on_wrong))
    licences = _licences(content)
    read_photograph = partial(_photograph, licences=licences)
    photographs = tuple(_right(images, read_photograph, on_wrong))
    by_id = {photograph.id: photograph for photograph in photographs}
    if len(by_id) < len(photographs):
        raise ValueError("two images have one id")
    found: dict[Id, list[Annotation]] = defaultdict(list)
    for image, annotation in _right(annotations, partial(_annotation, names=names, by_id=by_id), on_wrong):
        found[image].append(annotation)
    return CocoFile(names, photographs, dict(found))


def _right(
    entries: list[tuple[int, dict[str, Any]]], read: Callable[[dict[str, Any], int], T], on_wrong: OnWrong
) -> Iterator[T]:
    """Yield what can be read of entries, and tell what cannot."""
    for number, entry in entries:
        try:
            yield read(entry, number)
        except ValueError as error:
            on_wrong(error)


def _entries(content: dict[str, Any], key: str) -> list[tuple[int, dict[str, Any]]]:
    """Return a list of objects with their numbers, from 0."""
    if not isinstance(content.get(key), list):
        raise ValueError(f"{key} is missing or no list")
    for number, entry in enumerate(content[key]):
        if not isinstance(entry, dict):
            raise ValueError(f"{key}, number {number}: a JSON {type(entry).__name__}, expected an object")
    return list(enumerate(content[key]))


def _category(entry: dict[str, Any], number: int) -> tuple[Id, str]:
    what = _called("category", entry, number)
    name = entry.get("name")
    if not isinstance(name, str) or not name:
        raise ValueError(f"{what}: name is {_spelt(name)}, expected text")
    return _id(entry, "id", what), name


def _licences(content: dict[str, Any]) -> dict[str, str]:
    """Return the names of the table of licences by their ids; it is often missing."""
    table = content.get("licenses")
    entries = [entry for entry in table if isinstance(entry, dict)] if isinstance(table, list) else []
    found = {str(entry.get("id")): entry.get("url") or entry.get("name") for entry in entries}
    return {key: licence_name(value) for key, value in found.items() if isinstance(value, str)}


def _photograph(entry: dict[str, Any], number: int, licences: Mapping[str, str]) -> Photograph:
    what = _called("image", entry, number)
    file = entry.get("file_name")
    if not isinstance(file, str) or not file.strip("./"):
        raise ValueError(f"{what}: file_name is {_spelt(file)}, expected the name of a file")
    size = []
    for side in ("height", "width"):
        length = entry.get(side)
        if type(length) is not int or length < 1:
            raise ValueError(f"{what}: {side} is {_spelt(length)}, expected pixels, at least 1")
        size.append(length)
    licence = licences.get(str(entry.get("license")), "")
    author, source = (_text(entry, *keys) for keys in (("author", "photographer"), ("flickr_url", "coco_url", "url")))
    frame = entry.get("frame_id")
    counted = frame if type(frame) is int and frame >= 0 else None
    return Photograph(_id(entry, "id", what), file, (size[0], size[1]), licence, author, source, counted)


def _text(entry: dict[str, Any], *keys: str) -> str:
    """Return the first of some values that is text."""
    return next((entry[key] for key in keys if isinstance(entry.get(key), str)), "")


def _annotation(
    entry: dict[str, Any], number: int, names: Mapping[Id, str], by_id: Mapping[Id, Photograph]
) -> tuple[Id, Annotation]:
    """Return an annotation and the id of its photograph."""
    what = _called("annotation", entry, number)
    image = _id(entry, "image_id", what)
    if image not in by_id:
        raise ValueError(f"{what}: image_id {_spelt(image)} is not the id of an image")
    photograph = by_id[image]
    category = _id(entry, "category_id", what)
    if category not in names:
        raise ValueError(f"{what}: category_id {_spelt(category)} is not the id of a category")
    bbox = entry.get("bbox")
    if not finite(bbox) or len(bbox) != 4 or min(bbox[2:]) < 0:
        raise ValueError(f"{what}: bbox is {_spelt(bbox)}, expected [x, y, width, height] in pixels, none infinite")
    x, y, width, height = (float(value) for value in bbox)
    if x >= photograph.size[1] or y >= photograph.size[0] or x + width < 0 or y + height < 0:
        raise ValueError(
            f"{what}: bbox {_spelt(bbox)} lies outside of {photograph.file}, "
            f"{photograph.size[1]}×{photograph.size[0]} pixels"
        )
    crowd = entry.get("iscrowd", 0)
    if crowd not in (0, 1):
        raise ValueError(f"{what}: iscrowd is {_spelt(crowd)}, expected 0 or 1")
    corners = (x, y, x + width, y + height)
    found = Annotation(entry.get("id"), names[category], corners, bool(crowd), entry.get("segmentation") or None)
    return image, found


def _id(entry: dict[str, Any], key: str, what: str) -> Id:
    value = entry.get(key)
    if isinstance(value, bool) or not isinstance(value, int | str):
        raise ValueError(f"{what}: {key} is {_spelt(value)}, expected a number or a name")
    return value


def _called(noun: str, entry: dict[str, Any], number: int) -> str:
    """Name an entry by its id, or by its place where it has none."""
    return f"{noun} {_spelt(entry['id'])}" if "id" in entry else f"{noun} at place {number}"


def _spelt(value: Any) -> str:
    """Spell a value, cut to less than a line."""
    return "missing" if value is None else reprlib.repr(value)
