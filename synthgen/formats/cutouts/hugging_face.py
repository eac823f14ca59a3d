"""Hugging Face datasets with a column of pictures and one of masks: saved on disk, as Parquet files, or by name.

The library `datasets` reads them; it is imported when the format is used. A mask of two values shows one object, one
of more an object for each value above 0 (255 is void).
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from jaxtyping import Bool

from synthgen.core.errors import AssetError, ConfigError, DatasetError
from synthgen.core.pictures import read_background
from synthgen.core.types import Size
from synthgen.formats.cutouts.mask_values import mask_values, of_size
from synthgen.formats.found_files import files_of
from synthgen.formats.offer import Format, Mark, Offer, Photograph, ReadOptions, Refused

__all__ = ["HUGGING_FACE"]

SAVED = ("dataset_dict.json", "state.json")
PICTURES = ("image", "img", "picture", "photo", "pixel_values")
MASKS = ("mask", "annotation", "segmentation", "segmentation_mask", "label", "labels", "gt")
CATEGORIES = ("category", "class", "name", "label")
VOID = 255
MOST = 254  # objects that a mask numbers


def _fits(source: Path) -> bool:
    saved = any((source / name).is_file() for name in SAVED)
    return source.is_dir() and (saved or any(True for _ in files_of(source, {".parquet"})))


def _read(source: Path, options: ReadOptions) -> Iterator[Offer]:
    for split, rows in _splits(source):
        picture, mask = _column(rows, PICTURES, "pictures"), _column(rows, MASKS, "masks")
        category = next((name for name in CATEGORIES if _is_text(rows, name)), "")
        for number in range(len(rows)):
            name = f"{split}-{number:06d}"
            try:
                marks = _marks(rows, number, mask, category, options.invert)
            except (DatasetError, ValueError) as error:
                yield Refused(name, str(error))
                continue
            yield Photograph(name, partial(_image, rows, number, picture), marks)


def _splits(source: Path) -> list[tuple[str, Any]]:
    """Return the splits, whose pictures are left encoded."""
    try:
        import datasets
    except ImportError as error:
        raise ConfigError("format hugging_face needs the package datasets; install it: pip install datasets") from error
    try:
        if any((source / name).is_file() for name in SAVED):
            found = datasets.load_from_disk(str(source))
        elif source.is_dir():
            found = datasets.load_dataset("parquet", data_files=[str(path) for path in files_of(source, {".parquet"})])
        else:
            found = datasets.load_dataset(str(source))
    except Exception as error:  # of its many kinds of failures, all mean the same here
        reason = str(error).partition("\n")[0][:200]
        raise DatasetError(f"{source}: no dataset that can be read: {reason}; correct its path or name") from error
    splits = dict(found) if isinstance(found, dict) else {"train": found}
    kind = datasets.Image
    for name, rows in splits.items():
        for column, feature in rows.features.items():
            if isinstance(feature, kind):
                rows = rows.cast_column(column, kind(decode=False))
        splits[name] = rows
    return list(splits.items())


def _column(rows: Any, known: tuple[str, ...], noun: str) -> str:
    pictures = [name for name, feature in rows.features.items() if type(feature).__name__ == "Image"]
    found = next((name for name in known if name in pictures), None)
    if found is None:
        raise DatasetError(f"no column of {noun} among {', '.join(rows.features)}; name it {known[0]!r}")
    return found


def _is_text(rows: Any, name: str) -> bool:
    feature = rows.features.get(name)
    return getattr(feature, "dtype", "") == "string" or hasattr(feature, "int2str")


def _marks(rows: Any, number: int, column: str, category: str, invert: bool) -> tuple[Mark, ...]:
    row = rows[number]
    named = row[category] if category else ""
    if isinstance(named, int):
        named = rows.features[category].int2str(named)
    values = np.unique(_mask_of(rows, number, column))
    if len(values) > MOST:
        raise ValueError(f"its mask has {len(values)} values, expected one for each object; export it without loss")
    if len(values) <= 2:
        return (Mark("0", named or "", partial(_any, rows, number, column, invert)),)
    objects = [int(value) for value in values if value not in (0, VOID)]
    return tuple(Mark(str(value), named or "", partial(_only, rows, number, column, value)) for value in objects)


def _any(rows: Any, number: int, column: str, invert: bool, size: Size) -> Bool[np.ndarray, "_h _w"]:
    found: np.ndarray = (of_size(_mask_of(rows, number, column), size) != 0) != invert
    return found


def _only(rows: Any, number: int, column: str, value: int, size: Size) -> Bool[np.ndarray, "_h _w"]:
    found: np.ndarray = of_size(_mask_of(rows, number, column), size) == value
    return found


def _mask_of(rows: Any, number: int, column: str) -> np.ndarray:
    try:
        return mask_values(_bytes(rows[number][column]))
    except (OSError, ValueError) as error:
        raise ValueError(f"its mask cannot be read: {error}; replace it") from error


def _image(rows: Any, number: int, column: str) -> np.ndarray:
    try:
        return read_background(io.BytesIO(_bytes(rows[number][column])))[0]
    except AssetError as error:
        raise DatasetError(f"row {number}: {error}") from error


def _bytes(cell: Any) -> bytes:
    if not isinstance(cell, dict) or not (cell.get("bytes") or cell.get("path")):
        raise DatasetError("a row without a picture; add it")
    data: bytes = cell.get("bytes") or Path(cell["path"]).read_bytes()
    return data


HUGGING_FACE = Format(_fits, _read, "a Hugging Face dataset")
