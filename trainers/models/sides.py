"""Which picture sizes networks take: their encoders halve the sides five times."""

from __future__ import annotations

from synthgen.core.errors import TrainingError
from synthgen.core.types import Size

__all__ = ["STRIDE", "check_sides"]

STRIDE = 32


def check_sides(size: Size) -> None:
    """Refuse sides that are no multiples of 32.

    Raises:
        TrainingError: One is none.
    """
    if size[0] % STRIDE or size[1] % STRIDE:
        raise TrainingError(
            f"samples are {size[0]}×{size[1]}; the networks need sides divisible by {STRIDE}: "
            "set the training's size to such sides, or change size and generate again"
        )
