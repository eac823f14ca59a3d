"""All shadows by name, and the recipe section that chooses among them."""

from __future__ import annotations

from typing import ClassVar, Protocol, runtime_checkable

from pydantic import Field

from synthgen.core.types import Alpha, AnyAlpha
from synthgen.ops.choice import ChoiceRecipe
from synthgen.ops.registry import OpRegistry
from synthgen.ops.shadow.cast import CastRecipe, CastShadow
from synthgen.ops.shadow.contact import ContactRecipe, ContactShadow
from synthgen.ops.shadow.shadowless import Shadowless, ShadowlessRecipe
from synthgen.ops.shadow.soft import SoftRecipe, SoftShadow

__all__ = ["SHADOWS", "Shadow", "ShadowRecipe"]


@runtime_checkable
class Shadow(Protocol):
    """A drawn shadow: frozen numbers and a pure kernel."""

    def shade(self, alpha: Alpha) -> tuple[AnyAlpha, tuple[int, int]]:
        """Return darkness 0–1, and where its array lies (x, y) against that of `alpha` (0–1)."""
        ...


SHADOWS = OpRegistry("shadow")
SHADOWS.register("none", Shadowless, ShadowlessRecipe)
SHADOWS.register("contact", ContactShadow, ContactRecipe)
SHADOWS.register("cast", CastShadow, CastRecipe)
SHADOWS.register("soft", SoftShadow, SoftRecipe)


class ShadowRecipe(ChoiceRecipe):
    """Which shadows may be used, each equally often, and a field with the ranges of each.

    Attributes:
        modes: Names of shadows, each equally often.
    """

    registry: ClassVar[OpRegistry] = SHADOWS
    modes: tuple[str, ...] = Field(default=("none",), min_length=1)
