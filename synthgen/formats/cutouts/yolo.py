"""YOLO segmentation: labels/NAME.txt beside images/NAME.jpg, a line for each object: class, then x y x y … as shares.

The names of the classes stand in data.yaml, or line by line in classes.txt.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
from jaxtyping import Bool

from synthgen.core.errors import ConfigError, DatasetError
from synthgen.core.pictures import IMAGE_SUFFIXES
from synthgen.core.types import Size
from synthgen.core.yaml_file import read_yaml
from synthgen.formats.cutouts.outline import outlined
from synthgen.formats.found_files import LOOKED_AT, files_of, name_in
from synthgen.formats.offer import Format, Mark, Offer, Photograph, ReadOptions, Refused
from synthgen.formats.photograph import read_file, read_photograph

__all__ = ["YOLO"]

MAX_BYTES = 2**26  # of a file of labels
BEYOND = 0.05  # share of the picture that an outline may reach beyond it, as rounding does


def _fits(source: Path) -> bool:
    labels = islice(_label_files(source), LOOKED_AT)
    return source.is_dir() and any(_picture_of(path) is not None for path in labels)


def _read(source: Path, _: ReadOptions) -> Iterator[Offer]:
    names = _class_names(source)
    for path in _label_files(source):
        picture, lines = _picture_of(path), _lines(path)
        whole = name_in(source, path)
        if picture is None:
            for number, _line in lines:
                yield Refused(f"{whole}:{number}", "no picture of the same name; add it to images/")
            continue
        marks = list[Mark]()
        for number, line in lines:
            try:
                category, points = _object(line, names)
            except ValueError as error:
                yield Refused(f"{whole}:{number}", str(error))
                continue
            marks.append(Mark(str(number), category, partial(_mask, points)))
        if marks:
            yield Photograph(name_in(source, picture), partial(read_photograph, picture), tuple(marks))


def _label_files(source: Path) -> Iterator[Path]:
    return (path for path in files_of(source, {".txt"}) if path.name != "classes.txt" and "labels" in path.parts)


def _picture_of(labels: Path) -> Path | None:
    """Return the picture whose path is that of the labels, with the last folder `labels` called `images`."""
    place = len(labels.parts) - 1 - labels.parts[::-1].index("labels")
    moved = Path(*labels.parts[:place], "images", *labels.parts[place + 1 :])
    candidates = map(moved.with_suffix, sorted(IMAGE_SUFFIXES))
    found = next((path for path in candidates if path.is_file()), None)
    if found is None and moved.parent.is_dir():  # suffixes in capitals
        found = next((p for p in moved.parent.glob(f"{moved.stem}.*") if p.suffix.lower() in IMAGE_SUFFIXES), None)
    return found


def _lines(path: Path) -> list[tuple[int, str]]:
    """Return the lines that are not empty, with their numbers from 1."""
    text = read_file(path, MAX_BYTES).decode("utf-8", "replace")
    return [(number, line) for number, line in enumerate(text.splitlines(), 1) if line.strip()]


def _object(line: str, names: Mapping[int, str]) -> tuple[str, list[tuple[float, float]]]:
    """Return category and corners (shares of width and height) of a line.

    Raises:
        ValueError: It is none of an outline; the message is the reason.
    """
    try:
        first, *values = (float(part) for part in line.split())
    except ValueError:
        raise ValueError("not a line of numbers; expected a class, then x y x y …") from None
    if len(values) == 4:
        raise ValueError("a box without an outline; export segmentation labels")
    if len(values) < 6 or len(values) % 2:
        raise ValueError(f"{len(values) + 1} numbers; expected a class, then x and y of at least three corners")
    if first not in names:
        raise ValueError(f"class {first:g} is beyond the {len(names)} names of data.yaml; correct one of them")
    if not all(-BEYOND <= value <= 1 + BEYOND for value in values):  # NaN is not, either
        raise ValueError("a corner lies outside of the picture; expected shares of its width and height, 0–1")
    return names[int(first)], list(zip(values[::2], values[1::2], strict=True))


def _mask(corners: Sequence[tuple[float, float]], size: Size) -> Bool[np.ndarray, "_h _w"]:
    height, width = size
    return outlined([[(x * width, y * height) for x, y in corners]], size)


def _class_names(source: Path) -> dict[int, str]:
    """Return the names of the classes.

    Raises:
        DatasetError: There are none.
    """
    for path in sorted([*source.glob("*.yaml"), *source.glob("*.yml")]):
        try:
            found = _named(read_yaml(path, "data.yaml").get("names"))
        except ConfigError as error:
            raise DatasetError(str(error)) from error
        if found:
            return found
    listed = next((path for path in files_of(source, {".txt"}) if path.name == "classes.txt"), None)
    if listed is not None:
        return {number - 1: line.strip() for number, line in _lines(listed)}
    raise DatasetError(f"{source}: no data.yaml with names, and no classes.txt; add one: names: [first, second]")


def _named(names: Any) -> dict[int, str]:
    if isinstance(names, list):
        return {number: str(name) for number, name in enumerate(names)}
    if isinstance(names, dict):
        return {int(number): str(name) for number, name in names.items() if str(number).isdigit()}
    return {}


YOLO = Format(_fits, _read, "YOLO segmentation")
