"""LabelMe: a JSON beside each picture, with polygons; shapes of one label and group_id are parts of one object."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterator
from functools import partial
from io import BytesIO
from itertools import islice
from pathlib import Path, PureWindowsPath
from typing import Any

import numpy as np
import orjson

from synthgen.core.errors import AssetError, DatasetError
from synthgen.core.pictures import read_background
from synthgen.formats.cutouts.outline import Points, outlined
from synthgen.formats.found_files import files_of, name_in
from synthgen.formats.offer import Format, Image, Mark, Offer, Photograph, ReadOptions, Refused
from synthgen.formats.photograph import read_file, read_photograph

__all__ = ["LABELME"]

MAX_BYTES = 2**28  # of a JSON, which may hold its picture
SAMPLED = 20  # files that are looked at


def _fits(source: Path) -> bool:
    return any(_content(path) is not None for path in islice(files_of(source, {".json"}), SAMPLED))


def _read(source: Path, _: ReadOptions) -> Iterator[Offer]:
    for path in files_of(source, {".json"}):
        content = _content(path)
        if content is None:
            yield Refused(name_in(source, path), "no JSON of LabelMe: it has no shapes and no imagePath")
            continue
        yield from _offers(name_in(source, path), path, content)


def _content(path: Path) -> dict[str, Any] | None:
    try:
        content = orjson.loads(read_file(path, MAX_BYTES))
    except (DatasetError, orjson.JSONDecodeError):
        return None
    return content if isinstance(content, dict) and isinstance(content.get("shapes"), list) else None


def _offers(name: str, path: Path, content: dict[str, Any]) -> Iterator[Offer]:
    image = _image(path, content)
    if image is None:
        yield Refused(name, f"its picture {content.get('imagePath')!r} is missing; put it beside the JSON")
        return
    parts: dict[tuple[str, Any], list[Points]] = {}
    for number, shape in enumerate(content["shapes"]):
        try:
            label, group, points = _shape(shape)
        except ValueError as error:
            yield Refused(f"{name}#{number}", str(error))
            continue
        parts.setdefault((label, number if group is None else f"group {group}"), []).append(points)
    marks = tuple(
        Mark(str(number), label, partial(outlined, points)) for number, ((label, _), points) in enumerate(parts.items())
    )
    if marks:
        yield Photograph(name, image, marks)


def _shape(shape: Any) -> tuple[str, Any, Points]:
    if not isinstance(shape, dict) or not isinstance(shape.get("label"), str):
        raise ValueError("a shape without label; name it")
    kind = shape.get("shape_type") or "polygon"
    if kind != "polygon":
        raise ValueError(f"a {kind} is no outline; draw a polygon")
    points = shape.get("points")
    try:
        return shape["label"], shape.get("group_id"), [(float(x), float(y)) for x, y in points]  # type: ignore[union-attr]
    except (TypeError, ValueError):
        raise ValueError("its points are not pairs of numbers; draw it again") from None


def _image(path: Path, content: dict[str, Any]) -> Image | None:
    """Return the picture beside the JSON, whatever folder its author had it in, or the one within."""
    named = content.get("imagePath")
    if isinstance(named, str) and (beside := path.with_name(PureWindowsPath(named).name or "?")).is_file():
        return partial(read_photograph, beside)
    data = content.get("imageData")
    return partial(_decoded, path, data) if isinstance(data, str) and data else None


def _decoded(path: Path, data: str) -> np.ndarray:
    try:
        return read_background(BytesIO(base64.b64decode(data, validate=True)))[0]
    except (binascii.Error, AssetError) as error:
        raise DatasetError(f"{path.name}: its imageData is no picture: {error}; put the picture beside it") from error


LABELME = Format(_fits, _read, "LabelMe")
