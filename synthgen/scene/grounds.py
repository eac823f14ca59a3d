"""Plain grounds: how often a scene lies on one, of which colour, in which light, of which texture."""

from __future__ import annotations

from typing import Annotated, Literal

import numpy as np
from pydantic import Field, field_validator, model_validator

from synthgen.core.config import Model
from synthgen.core.ranges import FloatRange, between
from synthgen.core.types import Size
from synthgen.ops.noise_fields import FIELD_SIDE
from synthgen.ops.shadow.soft import SoftRecipe, SoftShadow
from synthgen.scene.backdrop import PlainGround

__all__ = ["GroundColour", "GroundLayer", "GroundShadow", "GroundTexture", "PlainRecipe"]

Code = Annotated[int, Field(ge=0, le=255)]
Share = Annotated[FloatRange, between(0, 1)]
Texture = Literal["paper", "cloth", "wood"]
THREADS: dict[Texture, tuple[tuple[float, float], tuple[float, float]]] = {  # length, breadth: shares of the height
    "paper": ((0.003, 0.012), (0.003, 0.012)),
    "cloth": ((0.02, 0.1), (0.004, 0.012)),
    "wood": ((0.3, 1.5), (0.004, 0.02)),
}


class GroundColour(Model):
    """One kind of colour: `rgb`, or grey of some `value`; each channel then deviates from it.

    Attributes:
        rgb: Red, green and blue, codes; give this or `value`.
        value: Code of all channels; give this or `rgb`.
        deviation: Standard deviation of each channel from that, codes: 3 is next to grey, 30 is coloured.
        weight: How often it comes against the other colours.
    """

    rgb: tuple[Code, Code, Code] | None = None
    value: Annotated[FloatRange, between(0, 255)] | None = None
    deviation: float = Field(default=3.0, ge=0, le=128)
    weight: float = Field(default=1.0, gt=0, le=1e6)

    @model_validator(mode="after")
    def _one(self) -> GroundColour:
        if (self.rgb is None) == (self.value is None):
            raise ValueError("a colour is either rgb: [200, 180, 150] or value: {min: 235, max: 255}; give one of them")
        return self

    def draw(self, rng: np.random.Generator) -> tuple[float, float, float]:
        """Draw one colour, codes."""
        middle = self.rgb if self.value is None else (self.value.draw(rng),) * 3
        red, green, blue = np.clip(np.array(middle) + self.deviation * rng.standard_normal(3), 0, 255).round(2).tolist()
        return (red, green, blue)


class GroundLayer(Model):
    """Something that makes a ground less flat.

    Attributes:
        probability: Share of the plain grounds that have it.
        depth: How much of it, as a share of the colour.
    """

    probability: float = Field(ge=0, le=1)
    depth: Share


class GroundTexture(GroundLayer):
    """A fine texture.

    Attributes:
        kinds: "paper" (grains), "cloth" (crossed threads), "wood" (long streaks); each equally often.
    """

    kinds: tuple[Texture, ...] = Field(default=("paper", "cloth", "wood"), min_length=1)


class GroundShadow(SoftRecipe):
    """The soft shadow of whatever lies on the ground, one light for a whole scene.

    Attributes:
        probability: Share of the plain grounds where objects cast it; elsewhere `recipe.shadow` holds.
    """

    probability: float = Field(default=0.5, ge=0, le=1)

    def draw_if(self, rng: np.random.Generator) -> SoftShadow | None:
        """Draw the shadow of a scene's objects; None for none."""
        return self.draw(rng) if rng.random() < self.probability else None


class PlainRecipe(Model):
    """Scenes without a photo behind them: a ground of one colour, as in a catalogue.

    A ground that is neither graded nor clouded nor textured is flat.

    Attributes:
        share: Share of the scenes that lie on a plain ground.
        colours: Colours of which one is drawn by weight, at least one; by default greys, tinted ones, near-white
            and near-black.
        graded: Brighter towards one side, any direction; depth from the middle to the frame's edge.
        clouded: Light that changes slowly over the ground.
        textured: A fine texture; depth is its standard deviation.
        shadow: Soft shadow below all objects of a scene.
    """

    share: float = Field(default=0.0, ge=0, le=1)
    colours: tuple[GroundColour, ...] = (
        GroundColour(value=FloatRange(min=0, max=255), deviation=3, weight=0.3),
        GroundColour(value=FloatRange(min=0, max=255), deviation=30, weight=0.3),
        GroundColour(value=FloatRange(min=235, max=255), deviation=3, weight=0.28),
        GroundColour(value=FloatRange(min=0, max=30), deviation=3, weight=0.12),
    )
    graded: GroundLayer = GroundLayer(probability=0.7, depth=FloatRange(min=0.0, max=0.4))
    clouded: GroundLayer = GroundLayer(probability=0.4, depth=FloatRange(min=0.05, max=0.25))
    textured: GroundTexture = GroundTexture(probability=0.2, depth=FloatRange(min=0.02, max=0.15))
    shadow: GroundShadow = GroundShadow()

    @field_validator("colours")
    @classmethod
    def _coloured(cls, colours: tuple[GroundColour, ...]) -> tuple[GroundColour, ...]:
        if not colours:
            raise ValueError(
                "plain backgrounds without colour: list one at least, such as {value: {min: 235, max: 255}}, "
                "or leave colours out"
            )
        return colours

    def draw(self, size: Size, rng: np.random.Generator) -> PlainGround | None:
        """Draw the ground of a scene of `size`; None for a photo."""
        if not self.share or rng.random() >= self.share:
            return None
        weights = np.cumsum([colour.weight for colour in self.colours])
        colour = self.colours[int(np.searchsorted(weights, rng.random() * weights[-1], side="right"))].draw(rng)
        steep, direction = self._depth(self.graded, rng), rng.uniform(0, 2 * np.pi)
        clouds, cells = self._depth(self.clouded, rng), int(rng.integers(2, 5))
        grain = self._depth(self.textured, rng)
        texture = self.textured.kinds[int(rng.integers(len(self.textured.kinds)))]
        length, breadth = (
            max(round(float(size[0] * np.exp(rng.uniform(*np.log(limits)))), 2), 1.0) for limits in THREADS[texture]
        )
        angle = round(float(rng.uniform(-180, 180)), 2)
        x, y = rng.integers(FIELD_SIDE, size=2).tolist()
        return PlainGround(
            colour=colour,
            slope=(round(float(steep * np.cos(direction)), 4), round(float(steep * np.sin(direction)), 4)),
            clouds=clouds,
            cells=cells,
            grain=grain,
            thread=(length, length if texture == "paper" else breadth),
            angle=angle,
            woven=texture == "cloth",
            noise=(x, y),
        )

    @staticmethod
    def _depth(layer: GroundLayer, rng: np.random.Generator) -> float:
        """Draw how much of a layer there is; 0 where it does not happen."""
        happens = rng.random() < layer.probability
        depth = round(layer.depth.draw(rng), 4)
        return depth if happens else 0.0
