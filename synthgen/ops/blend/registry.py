"""All blends by name, and the recipe section that chooses among them."""

from __future__ import annotations

from typing import ClassVar, Protocol, runtime_checkable

import numpy as np
from pydantic import Field, model_validator

from synthgen.core.types import RGB, RGBA, Coverage
from synthgen.ops.blend.feather import Feather, FeatherRecipe
from synthgen.ops.blend.hard import Hard, HardRecipe
from synthgen.ops.blend.laplacian import Laplacian, LaplacianRecipe
from synthgen.ops.blend.poisson import Poisson, PoissonMixed, PoissonMixedRecipe, PoissonRecipe
from synthgen.ops.blend.smooth import (
    BoxBlend,
    BoxRecipe,
    GaussianBlend,
    GaussianRecipe,
    MotionBlend,
    MotionRecipe,
)
from synthgen.ops.blend.width import WidthRecipe
from synthgen.ops.choice import ChoiceRecipe
from synthgen.ops.registry import OpRegistry

__all__ = ["BLENDS", "Blend", "BlendRecipe"]


@runtime_checkable
class Blend(Protocol):
    """A drawn blend: frozen numbers and a pure kernel."""

    @property
    def reach(self) -> int:
        """Pixels beyond the cutout's coverage that the blend may change."""
        ...

    def apply(self, layer: RGBA, mask: Coverage, below: RGB) -> RGBA:
        """Return the premultiplied layer as it will be laid over `below`; all of one window."""
        ...


BLENDS = OpRegistry("blend")
BLENDS.register("none", Hard, HardRecipe)
BLENDS.register("feather", Feather, FeatherRecipe)
BLENDS.register("gaussian", GaussianBlend, GaussianRecipe)
BLENDS.register("box", BoxBlend, BoxRecipe)
BLENDS.register("motion", MotionBlend, MotionRecipe)
BLENDS.register("poisson", Poisson, PoissonRecipe)
BLENDS.register("poisson_mixed", PoissonMixed, PoissonMixedRecipe)
BLENDS.register("laplacian", Laplacian, LaplacianRecipe)


class BlendRecipe(ChoiceRecipe):
    """Which blends may be used, each equally often, and a field with the ranges of each.

    Attributes:
        modes: Names of blends, each equally often.
        paired: Render each scene under so many different blends, as so many rows with one `scene_id`.
    """

    registry: ClassVar[OpRegistry] = BLENDS
    modes: tuple[str, ...] = Field(default=("feather", "none"), min_length=1)
    paired: int = Field(default=1, ge=1, le=16)

    @model_validator(mode="after")
    def _enough(self) -> BlendRecipe:
        if self.paired > len(set(self.modes)):
            raise ValueError(f"paired {self.paired} needs as many different modes; there are {len(set(self.modes))}")
        return self

    def draw_for(self, narrow: float, mode: str, rng: np.random.Generator) -> Blend:
        """Draw the blend `mode` of an object whose narrow side has `narrow` pixels in the frame."""
        recipe = getattr(self, mode)
        blend: Blend = recipe.draw(rng, narrow) if isinstance(recipe, WidthRecipe) else recipe.draw(rng)
        return blend
