"""All blends by name, and the recipe section that chooses among them."""

from __future__ import annotations

from typing import Any, ClassVar, Protocol, runtime_checkable

from pydantic import Field, model_validator

from synthgen.core.registry import Registry
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
from synthgen.ops.choice import ChoiceRecipe

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


BLENDS: Registry[type[Any]] = Registry("blend")
BLENDS.register("none", Hard)
BLENDS.register("feather", Feather)
BLENDS.register("gaussian", GaussianBlend)
BLENDS.register("box", BoxBlend)
BLENDS.register("motion", MotionBlend)
BLENDS.register("poisson", Poisson)
BLENDS.register("poisson_mixed", PoissonMixed)
BLENDS.register("laplacian", Laplacian)


class BlendRecipe(ChoiceRecipe):
    """Which blends may be used, each equally often, and the ranges of each.

    Attributes:
        paired: Render each scene under so many different blends, as so many rows with one `scene_id`.
        none: The plain paste.
        feather: The inward fade, depth in pixels.
        gaussian: Coverage blurred by a Gaussian.
        box: Coverage averaged over a square.
        motion: Coverage smeared along a line.
        poisson: The cutout's gradients on the scene's colours.
        poisson_mixed: Likewise, the stronger gradient of the two.
        laplacian: Bands of frequencies, each blended over its own width.
    """

    registry: ClassVar[Registry[type[Any]]] = BLENDS
    modes: tuple[str, ...] = Field(default=("feather", "none"), min_length=1)
    paired: int = Field(default=1, ge=1, le=16)
    none: HardRecipe = HardRecipe()
    feather: FeatherRecipe = FeatherRecipe()
    gaussian: GaussianRecipe = GaussianRecipe()
    box: BoxRecipe = BoxRecipe()
    motion: MotionRecipe = MotionRecipe()
    poisson: PoissonRecipe = PoissonRecipe()
    poisson_mixed: PoissonMixedRecipe = PoissonMixedRecipe()
    laplacian: LaplacianRecipe = LaplacianRecipe()

    @model_validator(mode="after")
    def _enough(self) -> BlendRecipe:
        if self.paired > len(set(self.modes)):
            raise ValueError(f"paired {self.paired} needs as many different modes; there are {len(set(self.modes))}")
        return self
