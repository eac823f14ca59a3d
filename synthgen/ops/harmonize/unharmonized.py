"""`none`: colours as they are."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from synthgen.core.config import Model
from synthgen.core.types import RGB, RGBA, Coverage

__all__ = ["Unharmonized", "UnharmonizedRecipe"]


@dataclass(frozen=True, slots=True)
class Unharmonized:
    """Colours as they are; has no numbers."""

    def apply(self, layer: RGBA, mask: Coverage, below: RGB) -> RGBA:
        """Return `layer` itself."""
        return layer


class UnharmonizedRecipe(Model):
    """Nothing to choose."""

    def draw(self, rng: np.random.Generator) -> Unharmonized:
        """Return the op."""
        return Unharmonized()
