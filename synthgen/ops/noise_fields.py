"""Noise computed once a process; a scene names its part of it by integers (law 2)."""

from __future__ import annotations

from functools import cache

import numpy as np
from jaxtyping import Float32, Float64

from synthgen.core.types import Size

__all__ = ["FIELD_SIDE", "TABLE_ROWS", "noise_field", "noise_window", "uniform_rows"]

FIELD_SIDE = 1024
TABLE_ROWS = 8192
SEED = 20_260_101  # part of the dataset format


def noise_window(size: Size, x: int, y: int) -> Float32[np.ndarray, "h w 3"]:
    """Return standard normal noise of `size`, from the field at (x, y) on; the field repeats."""
    field = noise_field()
    if y + size[0] <= FIELD_SIDE and x + size[1] <= FIELD_SIDE:
        return field[y : y + size[0], x : x + size[1]]
    rows = (y + np.arange(size[0])) % FIELD_SIDE
    columns = (x + np.arange(size[1])) % FIELD_SIDE
    window: np.ndarray = field[rows[:, None], columns]
    return window


def uniform_rows(first: int, count: int) -> Float64[np.ndarray, "n 5"]:
    """Return rows of numbers uniform in 0–1, from row `first` of a table that repeats."""
    rows: np.ndarray = _uniform()[(first + np.arange(count)) % TABLE_ROWS]
    return rows


@cache
def noise_field() -> Float32[np.ndarray, "side side 3"]:
    """Return the field itself."""
    return np.random.default_rng(SEED).standard_normal((FIELD_SIDE, FIELD_SIDE, 3), dtype=np.float32)


@cache
def _uniform() -> np.ndarray:
    return np.random.default_rng(SEED + 1).random((TABLE_ROWS, 5))
