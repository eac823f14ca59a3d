"""The `recipe` section of pipeline.yaml: distributions from which scenes are drawn."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, field_validator, model_validator

from synthgen.core.ranges import CountRange, FloatRange, Model
from synthgen.ops.blend.registry import BlendRecipe

__all__ = ["BackgroundRecipe", "Recipe", "ScaleRecipe", "TruncationRecipe"]


class ScaleRecipe(FloatRange):
    """Length of a cutout's long side.

    Attributes:
        unit: "frame": min and max are fractions of the frame height. "metres": they are metres,
            overruled by a cutout's own `length_m` in the catalog.
        pixels_per_metre: With "metres": output pixels per metre at the object, above 0.
    """

    unit: Literal["frame", "metres"] = "frame"
    min: float = Field(default=0.15, gt=0)
    max: float = Field(default=0.6, gt=0)
    pixels_per_metre: FloatRange | None = None

    @model_validator(mode="after")
    def _complete(self) -> ScaleRecipe:
        if (self.unit == "metres") != (self.pixels_per_metre is not None):
            raise ValueError("pixels_per_metre goes with unit: metres, and only with it")
        if self.pixels_per_metre is not None and self.pixels_per_metre.min <= 0:
            raise ValueError(f"pixels_per_metre.min {self.pixels_per_metre.min} is not above 0")
        return self


class TruncationRecipe(Model):
    """Objects that leave the frame.

    Attributes:
        probability: Share of objects pushed across one frame edge, 0–1.
        max: Largest part of such an object's extent that lies beyond the edge, 0–1.
    """

    probability: float = Field(default=0.15, ge=0, le=1)
    max: float = Field(default=0.5, ge=0, lt=1)


class BackgroundRecipe(Model):
    """Which part of a background is shown.

    Attributes:
        crop: Side of the crop as a fraction of the largest crop with the frame's aspect, above 0, at most 1.
        flip: Probability of mirroring left-right.
    """

    crop: FloatRange = FloatRange(min=0.4, max=1.0)
    flip: float = Field(default=0.5, ge=0, le=1)

    @field_validator("crop")
    @classmethod
    def _fraction(cls, crop: FloatRange) -> FloatRange:
        if crop.min <= 0 or crop.max > 1:
            raise ValueError(f"{crop.min}–{crop.max} is not within 0–1, 0 excluded")
        return crop


class Recipe(Model):
    """How cutouts and scenes may meet.

    Attributes:
        instances: Targets in a positive scene.
        negatives: Share of scenes without a target, 0–1.
        distractors: Harmless objects in any scene.
        scale: Size of objects.
        rotation: Degrees, counter-clockwise.
        flip: Probability of mirroring an object left-right.
        truncation: Objects that leave the frame.
        min_visibility: Least visible share of a target, estimated on convex hulls, 0–1.
        max_tries: Draws of position and scale before an object is given up.
        background: Which part of a background is shown.
        blend: How edges meet the scene.
    """

    instances: CountRange = CountRange(min=1, max=3)
    negatives: float = Field(default=0.25, ge=0, le=1)
    distractors: CountRange = CountRange(min=0, max=2)
    scale: ScaleRecipe = ScaleRecipe()
    rotation: FloatRange = FloatRange(min=-180, max=180)
    flip: float = Field(default=0.5, ge=0, le=1)
    truncation: TruncationRecipe = TruncationRecipe()
    min_visibility: float = Field(default=0.3, ge=0, le=1)
    max_tries: int = Field(default=50, ge=1, le=10_000)
    background: BackgroundRecipe = BackgroundRecipe()
    blend: BlendRecipe = BlendRecipe()

    @field_validator("instances")
    @classmethod
    def _fits_mask(cls, instances: CountRange) -> CountRange:
        if instances.max == 0:
            raise ValueError("max is 0, so no scene could hold a target; use negatives: 1 for empty scenes")
        return instances
