"""The `recipe` section of pipeline.yaml: distributions from which scenes are drawn."""

from __future__ import annotations

import json
from typing import Annotated, Any, Literal

import numpy as np
from pydantic import Field, field_validator, model_validator

from synthgen.assets.licences import LicenceRecipe
from synthgen.core.augmentation import Pipeline
from synthgen.core.config import Model
from synthgen.core.errors import ConfigError
from synthgen.core.ranges import LARGEST, CountRange, FloatRange, Mixture, RatioRange, Stratum, between
from synthgen.ops.augmentation import WHERE
from synthgen.ops.blend.registry import BlendRecipe
from synthgen.ops.camera.registry import CameraRecipe
from synthgen.ops.harmonize.registry import HarmonizeRecipe
from synthgen.ops.light import LightRecipe
from synthgen.ops.registry import Growing
from synthgen.ops.shadow.registry import ShadowRecipe
from synthgen.scene.grounds import PlainRecipe
from synthgen.scene.motion import SequenceRecipe
from synthgen.scene.presets import upon_preset
from synthgen.scene.scale import ScaleRecipe

__all__ = [
    "BackgroundRecipe",
    "DecoyRecipe",
    "OccluderRecipe",
    "PositionRecipe",
    "Recipe",
    "RotationRecipe",
    "SkewRecipe",
    "TruncationRecipe",
]


class PositionRecipe(Model):
    """Where objects lie.

    "uniform", "gaussian" and "grid" draw fractions of the margin that an object's size leaves free; along an axis on
    which it is larger than the frame, it spans the frame. "anywhere" draws the middle of its bounding box as fractions
    of the frame, whatever its size: it leaves the frame over each edge that it crosses, and truncation is not drawn.

    Attributes:
        kind: "uniform"; "gaussian" about `mean`; "grid": multiples of `step`; or "anywhere" within `x` and `y`.
            What is larger than the frame spans it, but with "anywhere".
        mean: Of "gaussian": x and y, 0–1.
        deviation: Of "gaussian": standard deviation of x and y, 0.000001–1.
        step: Of "grid": steps of x and y, 0.000001–1.
        x: Of "anywhere"; where it is left out, all of the frame's width.
        y: Of "anywhere"; where it is left out, all of the frame's height.
    """

    kind: Literal["uniform", "gaussian", "grid", "anywhere"] = "uniform"
    mean: tuple[float, float] = (0.5, 0.5)
    deviation: tuple[float, float] = (0.2, 0.2)
    step: tuple[float, float] = (0.2, 0.2)
    x: Annotated[FloatRange, between(0, 1)] | None = None
    y: Annotated[FloatRange, between(0, 1)] | None = None

    @field_validator("mean")
    @classmethod
    def _inside(cls, mean: tuple[float, float]) -> tuple[float, float]:
        if not all(0 <= value <= 1 for value in mean):
            raise ValueError(f"{mean} is not within 0–1")
        return mean

    @field_validator("deviation", "step")
    @classmethod
    def _share(cls, values: tuple[float, float]) -> tuple[float, float]:
        if not all(1e-6 <= value <= 1 for value in values):
            raise ValueError(f"{values} is not within 0.000001–1")
        return values

    @model_validator(mode="after")
    def _anywhere(self) -> PositionRecipe:
        for name in ("x", "y"):
            if self.kind != "anywhere" and getattr(self, name) is not None:
                raise ValueError(
                    f"{name} goes with kind: anywhere, and this is kind: {self.kind}; take one of them out"
                )
        return self

    def draw(self, rng: np.random.Generator) -> np.ndarray:
        """Draw (x, y) fractions, 0–1: of the frame with "anywhere", else of the free margin."""
        if self.kind == "uniform":
            return rng.random(2)
        if self.kind == "anywhere":
            return np.array([rng.random() if part is None else part.draw(rng) for part in (self.x, self.y)])
        if self.kind == "gaussian":
            return np.clip(rng.normal(self.mean, self.deviation), 0, 1)
        step = np.array(self.step)
        places = np.floor(1 / step + 1e-9).astype(int) + 1
        fraction: np.ndarray = np.minimum(rng.integers(places) * step, 1.0)
        return fraction


class RotationRecipe(Mixture):
    """How objects are turned: degrees, counter-clockwise, −360–360."""

    min: float = -180
    max: float = 180
    strata: tuple[Annotated[Stratum, between(-360, 360)], ...] = ()


class SkewRecipe(Model):
    """A change of each object's own shape, so that a few cutouts look like more: seen from aside, longer, stubbier.

    Attributes:
        aspect: Width-to-height factor, log-uniform: of 0.5–2, as often below 1 as above.
        shear: How far rows move sideways, as a share of the object's height.
    """

    aspect: Annotated[RatioRange, between(0.5, 2)] = RatioRange(min=1, max=1)
    shear: Annotated[FloatRange, between(-1, 1)] = FloatRange(min=0, max=0)

    def draw(self, rng: np.random.Generator) -> tuple[float, float]:
        """Draw aspect and shear of one object."""
        return round(self.aspect.draw(rng), 6), round(self.shear.draw(rng), 6)


class TruncationRecipe(Model):
    """Objects that leave the frame, unless their position is drawn anywhere.

    Attributes:
        probability: Share of objects pushed across one frame edge.
        max: Largest part of such an object's extent that lies beyond the edge.
    """

    probability: float = Field(default=0.15, ge=0, le=1)
    max: float = Field(default=0.5, ge=0, lt=1)


class BackgroundRecipe(Model):
    """Which part of a background is shown, or what is shown instead.

    Attributes:
        crop: Side of the crop as a share of the largest crop of the frame's shape.
        flip: Probability of mirroring left-right.
        plain: Grounds that are made instead.
    """

    crop: Annotated[FloatRange, between(0, 1, above=True)] = FloatRange(min=0.4, max=1.0)
    flip: float = Field(default=0.5, ge=0, le=1)
    plain: PlainRecipe = PlainRecipe()


class OccluderRecipe(Model):
    """Things in front of targets.

    Attributes:
        probability: Share of targets that get one.
        kinds: "cutout" (a part of another cutout), "bar", "arm", "hand"; each equally often. Arms and hands hold
            the target by its grip where the catalog gives one.
        size: Width of what is drawn as a share of the target's long side: of a hand, across its four fingers,
            unless the catalog gives both grip and length_m, which say how large a hand is there.
    """

    probability: float = Field(default=0.0, ge=0, le=1)
    kinds: tuple[Literal["cutout", "bar", "arm", "hand"], ...] = Field(default=("cutout", "bar", "arm"), min_length=1)
    size: Annotated[FloatRange, between(0, 1, above=True)] = FloatRange(min=0.1, max=0.35)


class DecoyRecipe(Model):
    """Pieces of other scenes, pasted by the same blends, so that "pasted" does not mean "target".

    Attributes:
        count: How many in any scene, with targets or without.
        silhouettes: Share of them that have the outline of a target's hull; the others are blobs.
    """

    count: CountRange = CountRange(min=0, max=0)
    silhouettes: float = Field(default=0.5, ge=0, le=1)


class Recipe(Model):
    """How cutouts and scenes may meet. It takes `preset`, too: a name in `PRESETS`, on whose values the others lie.

    Attributes:
        instances: Targets in a scene that has any.
        negatives: Share of scenes without a target.
        categories: Weight of each target category, such as `{handgun: 2, rifle: 1}`; without weights, each comes
            equally often. Within a category, every cutout comes equally often.
        licences: Licences whose assets are not used.
        distractors: Harmless objects in any scene, with targets or without.
        decoys: Pieces of other scenes, pasted by the same blends, so that what is pasted need not be a target.
        occluders: Things in front of targets.
        scale: Length of an object's long side.
        position: Where objects lie.
        rotation: How objects are turned: degrees, counter-clockwise.
        stretch: Width-to-height factor of the whole picture, scene and objects alike, log-uniform: pictures of
            another aspect, squeezed into the frame.
        skew: Change of each object's own shape, so that a few cutouts look like more.
        flip: Probability of mirroring an object left-right.
        truncation: Objects that leave the frame, unless their position is drawn anywhere.
        min_area: Least area of an object in the frame, pixels, estimated on its convex hull.
        max_overlap: Most that two objects may share, of the smaller one's hull.
        min_visibility: Least visible share of a target: estimated on convex hulls while planning, and exact
            afterwards, when a target that is more hidden than this is not labelled.
        max_tries: Draws of a pose before an object is given up; the row's `unplaced` counts those.
        background: Which part of a scene is shown, or what is shown instead.
        linear_light: Mix partly covered pixels in linear light instead of in sRGB codes.
        light: Light of an object's own, whatever the scene behind it.
        harmonize: How objects take on the scene's light.
        shadow: Shadows of objects.
        blend: How an object's edge meets the scene.
        camera: What optics, sensor and codec do to the whole picture.
        augment: An albumentations pipeline, as its `to_dict` writes it, run after the camera.
        sequence: Rows as frames of sequences; None for pictures that have nothing to do with one another.
    """

    instances: CountRange = CountRange(min=1, max=3)
    negatives: float = Field(default=0.25, ge=0, le=1)
    categories: dict[str, float] = Field(default_factory=dict)
    licences: LicenceRecipe = LicenceRecipe()
    distractors: CountRange = CountRange(min=0, max=2)
    decoys: DecoyRecipe = DecoyRecipe()
    occluders: OccluderRecipe = OccluderRecipe()
    scale: ScaleRecipe = ScaleRecipe()
    position: PositionRecipe = PositionRecipe()
    rotation: Annotated[RotationRecipe, between(-360, 360)] = RotationRecipe()
    stretch: Annotated[RatioRange, between(0.25, 4)] = RatioRange(min=1, max=1)
    skew: SkewRecipe = SkewRecipe()
    flip: float = Field(default=0.5, ge=0, le=1)
    truncation: TruncationRecipe = TruncationRecipe()
    min_area: float = Field(default=0.0, ge=0)
    max_overlap: float = Field(default=1.0, ge=0, le=1)
    min_visibility: float = Field(default=0.3, ge=0, le=1)
    max_tries: int = Field(default=50, ge=1, le=10_000)
    background: BackgroundRecipe = BackgroundRecipe()
    linear_light: bool = True
    light: LightRecipe = LightRecipe()
    harmonize: Annotated[HarmonizeRecipe, Growing()] = Field(default_factory=HarmonizeRecipe)
    shadow: Annotated[ShadowRecipe, Growing()] = Field(default_factory=ShadowRecipe)
    blend: Annotated[BlendRecipe, Growing()] = Field(default_factory=BlendRecipe)
    camera: Annotated[CameraRecipe, Growing()] = Field(default_factory=CameraRecipe)
    augment: dict[str, Any] | None = None
    sequence: SequenceRecipe | None = None

    @model_validator(mode="before")
    @classmethod
    def _upon_the_preset(cls, values: Any) -> Any:
        return upon_preset(values) if isinstance(values, dict) else values

    @model_validator(mode="after")
    def _countable(self) -> Recipe:
        most = 2 * self.instances.max + self.distractors.max + self.decoys.count.max
        if most > 255:
            raise ValueError(f"a scene could hold {most} objects, occluders included; a mask tells 255 apart")
        return self

    @model_validator(mode="after")
    def _one_look(self) -> Recipe:
        if self.sequence is not None and self.blend.paired > 1:
            raise ValueError(
                f"sequence does not go with blend.paired {self.blend.paired}: a frame has one look; drop one of them"
            )
        return self

    @field_validator("instances")
    @classmethod
    def _some(cls, instances: CountRange) -> CountRange:
        if instances.max == 0:
            raise ValueError("max is 0, so no scene could hold a target; use negatives: 1 for empty scenes")
        return instances

    @field_validator("categories")
    @classmethod
    def _weights(cls, categories: dict[str, float]) -> dict[str, float]:
        weights = categories.values()
        if any(not 0 <= weight <= LARGEST for weight in weights) or (categories and not any(weights)):
            raise ValueError(
                f"{categories}: weights must not be negative or above {LARGEST:,.0f}, and one of them must be above 0"
            )
        return categories

    @field_validator("augment")
    @classmethod
    def _readable(cls, augment: dict[str, Any] | None) -> dict[str, Any] | None:
        if augment is not None:
            try:
                Pipeline(json.dumps(augment, sort_keys=True), WHERE).check()
            except ConfigError as error:
                raise ValueError(str(error).removeprefix(f"{WHERE}: ")) from error
        return augment
