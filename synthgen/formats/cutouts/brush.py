"""Brush strokes of Label Studio: bytes of RGBA pixels as run lengths of bits (the package `@thi.ng/rle-pack`).

A head of 32 bits says how many bytes there are, 5 bits how long a value is, and four times 4 bits how long the count
of a run may be. Each run then has a bit, whether one value is repeated or as many follow, 2 bits, which of the four
lengths its count has, the count, and its value or values. All numbers but the first say one less than they mean.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from jaxtyping import Bool

from synthgen.core.types import Size

__all__ = ["decode_brush"]


def decode_brush(rle: Any, size: Size) -> Bool[np.ndarray, "_h _w"]:
    """Return the pixels of (h, w) that a stroke covers.

    Raises:
        ValueError: It is no stroke on a picture of `size`.
    """
    try:
        data = bytes(rle)
    except (TypeError, ValueError):
        raise ValueError("its brush is no list of bytes; export it again") from None
    bits = _Bits(data)
    count = bits.take(32)
    if count != 4 * size[0] * size[1]:
        raise ValueError(f"its brush has {count // 4} pixels, the picture {size[0] * size[1]}; export it again")
    word = bits.take(5) + 1
    lengths = [bits.take(4) + 1 for _ in range(4)]
    values = np.zeros(count, np.uint8)
    place = 0
    while place < count:
        repeated, length = bits.take(1), lengths[bits.take(2)]
        end = min(count, place + bits.take(length) + 1)
        if repeated:
            values[place:end] = bits.take(word) & 255
        else:
            values[place:end] = [bits.take(word) & 255 for _ in range(end - place)]
        place = end
    covered: np.ndarray = values.reshape(*size, 4)[..., 3] > 0
    return covered


class _Bits:
    """Bits of bytes, the highest first."""

    def __init__(self, data: bytes) -> None:
        self._data, self._place = data, 0

    def take(self, count: int) -> int:
        """Return the next `count` bits as a number."""
        first, last = self._place // 8, (self._place + count + 7) // 8
        if last > len(self._data):
            raise ValueError("its brush ends early; export it again")
        number = int.from_bytes(self._data[first:last])
        number >>= 8 * last - self._place - count
        self._place += count
        return number & ((1 << count) - 1)
