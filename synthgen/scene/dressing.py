"""The look of each object: which blend, which harmoniser, which shadow, with which numbers."""

from __future__ import annotations

from dataclasses import dataclass

from synthgen.core.seeding import Stage, rng_for
from synthgen.core.types import Part, Split
from synthgen.ops.blend.registry import Blend
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

    def dress(self, source: Source, category: str, part: Part, pose: Pose, *, item: int) -> Placement:
        """Make a placement of object `item`; samples of one scene differ in its blend alone."""
        rng = rng_for(self.seed, self.split, self.number, Stage.LIGHT, item)
        harmonize = self.recipe.harmonize.draw(rng)
        shadow = self.recipe.shadow.draw(rng)
        return Placement(source, category, part, pose, self._blend(item), harmonize, shadow)

    def _blend(self, item: int) -> Blend:
        recipe = self.recipe.blend
        rng = rng_for(self.seed, self.split, self.number, Stage.BLEND, item)
        if recipe.paired == 1:
            blend: Blend = recipe.draw(rng)
            return blend
        modes = sorted(set(recipe.modes))
        dealt = rng_for(self.seed, self.split, self.number, Stage.BLEND, PAIRING).permutation(len(modes))
        paired: Blend = recipe.draw_numbers(modes[int(dealt[self.variant])], rng)
        return paired
