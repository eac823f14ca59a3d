"""All shadows by name, and the recipe section that chooses among them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar, Protocol, runtime_checkable

import numpy as np
from pydantic import Field

from synthgen.core.config import Model
from synthgen.core.registry import Registry
from synthgen.core.types import Alpha
from synthgen.ops.choice import ChoiceRecipe
from synthgen.ops.shadow.cast import CastRecipe, CastShadow
from synthgen.ops.shadow.contact import ContactRecipe, ContactShadow

__all__ = ["SHADOWS", "Shadow", "ShadowRecipe", "Shadowless"]


@runtime_checkable
class Shadow(Protocol):
    """A drawn shadow: frozen numbers and a pure kernel."""

    def shade(self, alpha: Alpha) -> tuple[Alpha, tuple[int, int]]:
        """Return darkness 0–1, and where its array lies (x, y) against that of `alpha` (0–1)."""
        ...


@dataclass(frozen=True, slots=True)
class Shadowless:
    """No shadow; has no numbers."""

    def shade(self, alpha: Alpha) -> tuple[Alpha, tuple[int, int]]:
        """Return darkness of no extent."""
        return np.zeros((0, 0), dtype=np.float32), (0, 0)


class ShadowlessRecipe(Model):
    """Nothing to choose."""

    def draw(self, rng: np.random.Generator) -> Shadowless:
        """Return the op."""
        return Shadowless()


SHADOWS: Registry[type[Any]] = Registry("shadow")
SHADOWS.register("none", Shadowless)
SHADOWS.register("contact", ContactShadow)
SHADOWS.register("cast", CastShadow)


class ShadowRecipe(ChoiceRecipe):
    """Which shadows may be used, each equally often, and the ranges of each.

    Attributes:
        none: No shadow.
        contact: A dark rim close below the cutout.
        cast: The silhouette on a plane.
    """

    registry: ClassVar[Registry[type[Any]]] = SHADOWS
    modes: tuple[str, ...] = Field(default=("none",), min_length=1)
    none: ShadowlessRecipe = ShadowlessRecipe()
    contact: ContactRecipe = ContactRecipe()
    cast: CastRecipe = CastRecipe()
