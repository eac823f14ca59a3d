"""Pixels of one picture counted by true and found class, and the confusions of many pictures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import product

import numpy as np
from jaxtyping import Float64, Int64

from synthgen.core.types import Coverage, InstanceMask
from trainers.score.result import Row

__all__ = ["class_figures", "class_names", "confusion_of", "counts_by_class"]

AS = "→"  # between true and found class in the name of a figure; background has no name


def class_figures(
    found: InstanceMask, truth: InstanceMask, ignore: Coverage | None, names: Sequence[str]
) -> dict[str, float]:
    """Count pixels outside of `ignore` as "true→found": of each class found rightly, then what else there is.

    Args:
        found: Number of each pixel's class, from 1; 0 = none.
        truth: Likewise.
        ignore: Pixels that count for nothing.
        names: Of the classes.
    """
    side = len(names) + 1
    pairs = truth.astype(np.intp) * side + found
    counts = np.bincount((pairs if ignore is None else pairs[~ignore]).ravel(), minlength=side**2).tolist()
    keys = _keys(names)
    right = {key: counts[place] for place, key in enumerate(keys) if place % (side + 1) == 0}
    return {**right, **{key: count for key, count in zip(keys, counts, strict=True) if count}}


def class_names(rows: Sequence[Row]) -> tuple[str, ...]:
    """Return the classes by which the pixels of all rows are counted; none where a row is not counted by class."""
    if not rows or any(AS not in row.figures for row in rows):
        return ()
    halves = {key: key[: len(key) // 2] for key in rows[0].figures if AS in key}
    return tuple(half for key, half in halves.items() if half and key == f"{half}{AS}{half}")


def confusion_of(rows: Sequence[Row]) -> Int64[np.ndarray, "side side"]:
    """Return the pixels of all rows by true (rows) and found class (columns), background first."""
    names = class_names(rows)
    places = _places(names)
    total = np.zeros((len(names) + 1) ** 2, np.int64)
    for row in rows:
        for place, count in _cells(row, places):
            total[place] += round(count)
    return total.reshape(len(names) + 1, -1)


def counts_by_class(rows: Sequence[Row]) -> Float64[np.ndarray, "rows 3 side"]:
    """Return of each row the pixels of each class, background first: found rightly, found, and true."""
    names = class_names(rows)
    side, places = len(names) + 1, _places(names)
    counts = np.zeros((len(rows), 3, side))
    for number, row in enumerate(rows):
        for place, count in _cells(row, places):
            true, found = divmod(place, side)
            counts[number, 0, true] += count * (true == found)
            counts[number, 1, found] += count
            counts[number, 2, true] += count
    return counts


def _keys(names: Sequence[str]) -> list[str]:
    """Return the names of all cells of a confusion matrix, row by row."""
    return [f"{true}{AS}{found}" for true, found in product(("", *names), repeat=2)]


def _places(names: Sequence[str]) -> Mapping[str, int]:
    return {key: place for place, key in enumerate(_keys(names))}


def _cells(row: Row, places: Mapping[str, int]) -> list[tuple[int, float]]:
    return [(places[name], value) for name, value in row.figures.items() if name in places]
