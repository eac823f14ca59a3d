"""Lengths of a blend as pixels, or as shares of the object's width: what softens a gun must not erase its barrel."""

from __future__ import annotations

from abc import abstractmethod
from typing import Any, Literal

import numpy as np

from synthgen.core.config import Model
from synthgen.core.ranges import FloatRange

__all__ = ["WIDEST", "WidthRecipe"]

WIDEST = 0.5  # of the narrow side: a softening as wide as that leaves nothing of the object


class WidthRecipe(Model):
    """Base of the blends that have a length.

    Attributes:
        unit: What lengths are: "pixels" of the output frame, or "width": shares of the object's narrow side, at
            most 0.5, so that a thin barrel is not half erased.
    """

    unit: Literal["pixels", "width"] = "pixels"

    @abstractmethod
    def draw(self, rng: np.random.Generator, narrow: float = 0.0) -> Any:
        """Draw the blend of an object whose narrow side has `narrow` pixels in the frame."""

    def in_pixels(self, length: float, narrow: float) -> float:
        """Return a drawn length in pixels, for an object whose narrow side has `narrow` pixels."""
        return length * narrow if self.unit == "width" else length

    def check_share(self, length: FloatRange) -> None:
        """Refuse a range that cannot be a share of the object's width, where it has to be one.

        Raises:
            ValueError: It leaves 0–0.5.
        """
        if self.unit == "width" and not 0 < length.min <= length.max <= WIDEST:
            raise ValueError(
                f"{length.min:g}–{length.max:g} is not within 0–{WIDEST}, 0 excluded; "
                f"with unit: width it is a share of the object's narrow side, such as 0.01–0.03"
            )
