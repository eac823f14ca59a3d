"""`contact`: a soft dark rim close below the cutout, as of an object that touches what is behind it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

import numpy as np

from synthgen.core.config import Model
from synthgen.core.ranges import FloatRange, between
from synthgen.core.types import Alpha, AnyAlpha
from synthgen.ops.shadow.soft import SoftShadow

__all__ = ["ContactRecipe", "ContactShadow"]

Share = Annotated[FloatRange, between(0, 1)]


@dataclass(frozen=True, slots=True)
class ContactShadow:
    """Darkness of `strength` at most, blurred by `softness` and lowered by `drop`, shares of the long side."""

    strength: float
    softness: float
    drop: float

    def shade(self, alpha: Alpha) -> tuple[AnyAlpha, tuple[int, int]]:
        """Return darkness 0–1, and where its array lies (x, y) against that of `alpha`."""
        return SoftShadow(self.strength, self.softness, 0.0, self.drop).shade(alpha)


class ContactRecipe(Model):
    """Look of the rim.

    Attributes:
        strength: Greatest darkness.
        softness: Blur as a share of the cutout's long side.
        drop: How far below the cutout, as a share of its long side.
    """

    strength: Share = FloatRange(min=0.2, max=0.5)
    softness: Share = FloatRange(min=0.01, max=0.04)
    drop: Share = FloatRange(min=0.01, max=0.03)

    def draw(self, rng: np.random.Generator) -> ContactShadow:
        """Draw one rim."""
        return ContactShadow(*(round(values.draw(rng), 4) for values in (self.strength, self.softness, self.drop)))
