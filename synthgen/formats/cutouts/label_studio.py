"""Label Studio, exported as JSON: polygons in percent of the picture, and brush strokes as run lengths."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import numpy as np
import orjson
from jaxtyping import Bool

from synthgen.core.errors import DatasetError
from synthgen.core.types import Size
from synthgen.formats.cutouts.brush import decode_brush
from synthgen.formats.cutouts.outline import outlined
from synthgen.formats.found_files import PictureIndex, files_of
from synthgen.formats.offer import Format, Mark, Offer, Photograph, ReadOptions, Refused
from synthgen.formats.photograph import read_file, read_photograph

__all__ = ["LABEL_STUDIO"]

MAX_BYTES = 2**29
SAMPLED = 20  # files that are looked at
UPLOADED = re.compile(r"^[0-9a-f]{8}-")  # what it puts before the name of an uploaded picture


def _fits(source: Path) -> bool:
    return any(_tasks(path) for path in islice(files_of(source, {".json"}), SAMPLED))


def _read(source: Path, _: ReadOptions) -> Iterator[Offer]:
    index = PictureIndex(source.parent if source.is_file() else source)
    for path in files_of(source, {".json"}):
        for task in _tasks(path):
            yield from _offers(f"{path.stem}:{task.get('id', '?')}", task, index, path.parent)


def _tasks(path: Path) -> list[dict[str, Any]]:
    """Return the tasks of an export; none where it is no such file."""
    try:
        content = orjson.loads(read_file(path, MAX_BYTES))
    except (DatasetError, orjson.JSONDecodeError):
        return []
    tasks = content if isinstance(content, list) else []
    return [task for task in tasks if isinstance(task, dict) and "annotations" in task and "data" in task]


def _offers(where: str, task: dict[str, Any], index: PictureIndex, near: Path) -> Iterator[Offer]:
    try:
        path = _picture(task["data"], index, near)
    except DatasetError as error:
        yield Refused(where, str(error))
        return
    marks = list[Mark]()
    for annotation in task["annotations"] if isinstance(task["annotations"], list) else []:
        if not isinstance(annotation, dict) or annotation.get("was_cancelled"):
            continue
        for number, result in enumerate(annotation.get("result") or []):
            try:
                marks.append(_mark(result, f"{len(marks)}"))
            except ValueError as error:
                yield Refused(f"{where}#{number}", str(error))
    if marks:
        yield Photograph(path.stem, partial(read_photograph, path), tuple(marks))


def _picture(data: Any, index: PictureIndex, near: Path) -> Path:
    """Find the picture that a task names by an address, an upload or a local file."""
    values = [value for value in data.values() if isinstance(value, str)] if isinstance(data, dict) else []
    for value in values:
        name = unquote(value.rpartition("?d=")[2] or value).partition("?")[0]
        for candidate in (name, UPLOADED.sub("", Path(name).name)):
            try:
                return index.find(candidate, near)
            except DatasetError:
                continue
    raise DatasetError(f"its picture {values[:1]} is not in the source; put it there")


def _mark(result: Any, name: str) -> Mark:
    if not isinstance(result, dict) or not isinstance(value := result.get("value"), dict):
        raise ValueError("a result without a value; export it again")
    kind = result.get("type")
    labels = value.get(str(kind))
    category = labels[0] if isinstance(labels, list) and labels and isinstance(labels[0], str) else ""
    if kind == "polygonlabels":
        try:
            corners = [(float(x) / 100, float(y) / 100) for x, y in value["points"]]
        except (KeyError, TypeError, ValueError):
            raise ValueError("its points are not pairs of numbers; draw it again") from None
        return Mark(name, category, partial(_polygon, corners))
    if kind == "brushlabels" and isinstance(value.get("rle"), list):
        return Mark(name, category, partial(decode_brush, value["rle"]))
    raise ValueError(f"a result of type {kind!r} is no outline; use polygons or brushes")


def _polygon(corners: list[tuple[float, float]], size: Size) -> Bool[np.ndarray, "_h _w"]:
    return outlined([[(x * size[1], y * size[0]) for x, y in corners]], size)


LABEL_STUDIO = Format(_fits, _read, "Label Studio JSON")
