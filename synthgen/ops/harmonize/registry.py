"""All harmonisers by name, and the recipe section that chooses among them."""

from __future__ import annotations

from typing import ClassVar, Protocol, runtime_checkable

from pydantic import Field

from synthgen.core.types import RGB, RGBA, Coverage
from synthgen.ops.choice import ChoiceRecipe
from synthgen.ops.harmonize.exposure import Exposure, ExposureRecipe
from synthgen.ops.harmonize.histogram import Histogram, HistogramRecipe
from synthgen.ops.harmonize.reinhard import Reinhard, ReinhardRecipe
from synthgen.ops.harmonize.relight import Relight, RelightRecipe
from synthgen.ops.harmonize.unharmonized import Unharmonized, UnharmonizedRecipe
from synthgen.ops.registry import OpRegistry

__all__ = ["HARMONIZERS", "HarmonizeRecipe", "Harmonizer"]


@runtime_checkable
class Harmonizer(Protocol):
    """A drawn harmoniser: frozen numbers and a pure kernel."""

    def apply(self, layer: RGBA, mask: Coverage, below: RGB) -> RGBA:
        """Return the premultiplied layer in other colours, its alpha unchanged; all of one window."""
        ...


HARMONIZERS = OpRegistry("harmoniser")
HARMONIZERS.register("none", Unharmonized, UnharmonizedRecipe)
HARMONIZERS.register("reinhard", Reinhard, ReinhardRecipe)
HARMONIZERS.register("histogram", Histogram, HistogramRecipe)
HARMONIZERS.register("exposure", Exposure, ExposureRecipe)
HARMONIZERS.register("relight", Relight, RelightRecipe)


class HarmonizeRecipe(ChoiceRecipe):
    """Which harmonisers may be used, each equally often, and a field with the ranges of each.

    Attributes:
        modes: Names of harmonisers, each equally often.
    """

    registry: ClassVar[OpRegistry] = HARMONIZERS
    modes: tuple[str, ...] = Field(default=("none",), min_length=1)
