"""`none`: the cutout's own alpha, unchanged."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from synthgen.core.config import Model
from synthgen.core.types import RGB, RGBA, Coverage

__all__ = ["Hard", "HardRecipe"]


@dataclass(frozen=True, slots=True)
class Hard:
    """Paste as it is; has no numbers."""

    @property
    def reach(self) -> int:
        """Pixels beyond the cutout that may change."""
        return 0

    def apply(self, layer: RGBA, mask: Coverage, below: RGB) -> RGBA:
        """Return `layer` (premultiplied) itself."""
        return layer


class HardRecipe(Model):
    """Nothing to choose."""

    def draw(self, rng: np.random.Generator) -> Hard:
        """Return the blend."""
        return Hard()
