"""The look of each object: which blend, which harmoniser, which shadow, with which numbers."""

from __future__ import annotations

from dataclasses import dataclass

from synthgen.core.seeding import Stage, rng_for
from synthgen.core.types import Part, Size, Split
from synthgen.ops.blend.registry import Blend
from synthgen.ops.light import Light
from synthgen.scene.pose import Pose
from synthgen.scene.recipe import Recipe
from synthgen.scene.scene import Placement
from synthgen.scene.sources import Source

__all__ = ["Dresser"]

PAIRING = 1 << 20  # the item whose generator deals blends to the samples of one scene


@dataclass(frozen=True, slots=True)
class Dresser:
    """Draws the ops of one sample's objects.

    Attributes:
        recipe: What may be drawn.
        seed: Of the dataset.
        split: Of the scene.
        number: Of the scene within the split.
        variant: Of the sample within the scene, below `recipe.blend.paired`.
    """

    recipe: Recipe
    seed: int
    split: Split
    number: int
    variant: int

    def dress(self, source: Source, size: Size, category: str, part: Part, pose: Pose, *, item: int) -> Placement:
        """Make a placement of object `item`, its source of `size`; samples of one scene differ in its blend alone."""
        rng = rng_for(self.seed, self.split, self.number, Stage.LIGHT, item)
        harmonize = self.recipe.harmonize.draw(rng)
        shadow = self.recipe.shadow.draw(rng)
        blend = self._blend(item, min(size) * pose.scale)
        return Placement(source, category, part, pose, blend, harmonize, shadow, self._light(item))

    def _light(self, item: int) -> Light | None:
        if not self.recipe.light.probability:
            return None
        return self.recipe.light.draw(rng_for(self.seed, self.split, self.number, Stage.GAIN, item))

    def _blend(self, item: int, narrow: float) -> Blend:
        """Draw the blend of an object whose narrow side has `narrow` pixels in the frame."""
        recipe = self.recipe.blend
        rng = rng_for(self.seed, self.split, self.number, Stage.BLEND, item)
        if recipe.paired == 1:
            return recipe.draw_for(narrow, recipe.draw_mode(rng), rng)
        modes = sorted(set(recipe.modes))
        dealt = rng_for(self.seed, self.split, self.number, Stage.BLEND, PAIRING).permutation(len(modes))
        return recipe.draw_for(narrow, modes[int(dealt[self.variant])], rng)
