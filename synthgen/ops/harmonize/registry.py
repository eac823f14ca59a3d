"""All harmonisers by name, and the recipe section that chooses among them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar, Protocol, runtime_checkable

import numpy as np
from pydantic import Field

from synthgen.core.config import Model
from synthgen.core.registry import Registry
from synthgen.core.types import RGB, RGBA, Coverage
from synthgen.ops.choice import ChoiceRecipe
from synthgen.ops.harmonize.exposure import Exposure, ExposureRecipe
from synthgen.ops.harmonize.histogram import Histogram, HistogramRecipe
from synthgen.ops.harmonize.reinhard import Reinhard, ReinhardRecipe
from synthgen.ops.harmonize.relight import Relight, RelightRecipe

__all__ = ["HARMONIZERS", "HarmonizeRecipe", "Harmonizer"]


@runtime_checkable
class Harmonizer(Protocol):
    """A drawn harmoniser: frozen numbers and a pure kernel."""

    def apply(self, layer: RGBA, mask: Coverage, below: RGB) -> RGBA:
        """Return the premultiplied layer in other colours, its alpha unchanged; all of one window."""
        ...


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


HARMONIZERS: Registry[type[Any]] = Registry("harmoniser")
HARMONIZERS.register("none", Unharmonized)
HARMONIZERS.register("reinhard", Reinhard)
HARMONIZERS.register("histogram", Histogram)
HARMONIZERS.register("exposure", Exposure)
HARMONIZERS.register("relight", Relight)


class HarmonizeRecipe(ChoiceRecipe):
    """Which harmonisers may be used, each equally often, and the ranges of each.

    Attributes:
        none: Colours as they are.
        reinhard: Mean and spread in Lab.
        histogram: Distribution of each channel.
        exposure: Brightness and tint of the light.
        relight: A gradient towards the bright side.
    """

    registry: ClassVar[Registry[type[Any]]] = HARMONIZERS
    modes: tuple[str, ...] = Field(default=("none",), min_length=1)
    none: UnharmonizedRecipe = UnharmonizedRecipe()
    reinhard: ReinhardRecipe = ReinhardRecipe()
    histogram: HistogramRecipe = HistogramRecipe()
    exposure: ExposureRecipe = ExposureRecipe()
    relight: RelightRecipe = RelightRecipe()
