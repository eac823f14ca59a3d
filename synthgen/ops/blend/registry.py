"""All blends by name, and the recipe section that chooses among them."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any, Protocol, runtime_checkable

import numpy as np
from pydantic import Field, field_validator

from synthgen.core.ranges import Model
from synthgen.core.registry import Registry
from synthgen.core.types import RGBA, Coverage
from synthgen.ops.blend.feather import Feather, FeatherRecipe
from synthgen.ops.blend.hard import Hard, HardRecipe

__all__ = ["BLENDS", "Blend", "BlendRecipe", "blend_from_json", "blend_to_json"]


@runtime_checkable
class Blend(Protocol):
    """A drawn blend: frozen numbers and a pure kernel."""

    def apply(self, layer: RGBA, mask: Coverage) -> RGBA:
        """Return the premultiplied layer as it will be laid over the scene; same shape."""
        ...


BLENDS: Registry[type[Any]] = Registry("blend")
BLENDS.register("none", Hard)
BLENDS.register("feather", Feather)


class BlendRecipe(Model):
    """Which blends may be used, each equally often, and the ranges of each.

    Attributes:
        modes: Names from `BLENDS`.
        none: The plain paste.
        feather: The inward fade, depth in pixels.
    """

    modes: tuple[str, ...] = Field(default=("feather", "none"), min_length=1)
    none: HardRecipe = HardRecipe()
    feather: FeatherRecipe = FeatherRecipe()

    @field_validator("modes")
    @classmethod
    def _known(cls, modes: tuple[str, ...]) -> tuple[str, ...]:
        for mode in modes:
            if mode not in BLENDS:
                raise ValueError(f"unknown blend {mode!r}; choose among: {', '.join(BLENDS)}")
        return modes

    def draw(self, rng: np.random.Generator) -> Blend:
        """Choose a blend and draw its numbers."""
        mode = self.modes[int(rng.integers(len(self.modes)))]
        blend: Blend = getattr(self, mode).draw(rng)
        return blend


def blend_to_json(blend: Blend) -> dict[str, Any]:
    """Return {"kind": name, …numbers}."""
    kind = next(name for name, entry in BLENDS.items() if isinstance(blend, entry))
    return {"kind": kind, **asdict(blend)}  # type: ignore[call-overload]


def blend_from_json(value: dict[str, Any]) -> Blend:
    """Rebuild what `blend_to_json` wrote.

    Raises:
        ConfigError: The kind is unknown to this version.
    """
    numbers = dict(value)
    blend: Blend = BLENDS[numbers.pop("kind")](**numbers)
    return blend
