"""`none`: no shadow."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from synthgen.core.config import Model
from synthgen.core.types import Alpha, AnyAlpha

__all__ = ["Shadowless", "ShadowlessRecipe"]


@dataclass(frozen=True, slots=True)
class Shadowless:
    """No shadow; has no numbers."""

    def shade(self, alpha: Alpha) -> tuple[AnyAlpha, tuple[int, int]]:
        """Return darkness of no extent."""
        return np.zeros((0, 0), dtype=np.float32), (0, 0)


class ShadowlessRecipe(Model):
    """Nothing to choose."""

    def draw(self, rng: np.random.Generator) -> Shadowless:
        """Return the op."""
        return Shadowless()
