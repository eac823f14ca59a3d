"""Masks that are pictures: the numbers that they hold, and whether they are of their photograph's size."""

from __future__ import annotations

import io

import numpy as np
from PIL import Image

from synthgen.core.pictures import MAX_PIXELS
from synthgen.core.types import Size

__all__ = ["mask_values", "of_size"]

NUMBERS = ("1", "L", "P", "I", "I;16")  # modes whose pixels are numbers as they are stored


def mask_values(data: bytes) -> np.ndarray:
    """Return the numbers (h, w) of an encoded picture; of one in colours its grey.

    Raises:
        ValueError: It is no picture, or too large; the message is the reason.
    """
    try:
        with Image.open(io.BytesIO(data)) as picture:
            if picture.width * picture.height > MAX_PIXELS:
                raise ValueError(f"{picture.width}×{picture.height} pixels are too many")
            return np.array(picture if picture.mode in NUMBERS else picture.convert("L"))
    except (OSError, SyntaxError, Image.DecompressionBombError) as error:
        raise ValueError(str(error)) from error


def of_size(mask: np.ndarray, size: Size, name: str = "") -> np.ndarray:
    """Return a mask as it is; `name` is its file's, for messages.

    Raises:
        ValueError: It is of another size than the photograph.
    """
    if mask.shape != size:
        called = f"its mask {name}".rstrip()
        raise ValueError(f"{called} is {mask.shape}, the picture {size}; export it at the same size")
    return mask
