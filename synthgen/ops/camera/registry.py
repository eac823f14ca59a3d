"""All camera effects by name in physical order, and the recipe section that draws a chain of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

import numpy as np
from pydantic import Field, model_validator
from pydantic.fields import FieldInfo

from synthgen.core.config import Model
from synthgen.core.types import RGB
from synthgen.ops.camera.effect import Effect, Geometric
from synthgen.ops.camera.geometry import (
    Distortion,
    DistortionRecipe,
    RollingShutter,
    RollingShutterRecipe,
    move_image,
)
from synthgen.ops.camera.isp import (
    Denoise,
    DenoiseRecipe,
    Gamma,
    GammaRecipe,
    Sharpen,
    SharpenRecipe,
    WhiteBalance,
    WhiteBalanceRecipe,
)
from synthgen.ops.camera.optics import (
    ChromaticAberration,
    ChromaticAberrationRecipe,
    Defocus,
    DefocusRecipe,
    Vignette,
    VignetteRecipe,
)
from synthgen.ops.camera.presets import PRESETS, Preset
from synthgen.ops.camera.recording import (
    Compression,
    CompressionRecipe,
    Interlace,
    InterlaceRecipe,
    Rescale,
    RescaleRecipe,
    Timestamp,
    TimestampRecipe,
)
from synthgen.ops.camera.sensor import (
    HotPixels,
    HotPixelsRecipe,
    Infrared,
    InfraredRecipe,
    LowLight,
    LowLightRecipe,
    SensorNoise,
    SensorNoiseRecipe,
)
from synthgen.ops.camera.shutter import MotionBlur, MotionBlurRecipe
from synthgen.ops.camera.tone import (
    Contrast,
    ContrastRecipe,
    Exposed,
    ExposedRecipe,
    Grey,
    GreyRecipe,
    Saturation,
    SaturationRecipe,
)
from synthgen.ops.registry import OpRegistry, OpSection

__all__ = ["EFFECTS", "CameraRecipe", "expose", "geometric_effects"]

EFFECTS = OpRegistry("camera effect")  # in physical order, which is the order of the chain
EFFECTS.register("defocus", Defocus, DefocusRecipe)
EFFECTS.register("distortion", Distortion, DistortionRecipe)
EFFECTS.register("rolling_shutter", RollingShutter, RollingShutterRecipe)
EFFECTS.register("chromatic_aberration", ChromaticAberration, ChromaticAberrationRecipe)
EFFECTS.register("vignette", Vignette, VignetteRecipe)
EFFECTS.register("motion_blur", MotionBlur, MotionBlurRecipe)
EFFECTS.register("exposure", Exposed, ExposedRecipe)
EFFECTS.register("low_light", LowLight, LowLightRecipe)
EFFECTS.register("infrared", Infrared, InfraredRecipe)
EFFECTS.register("noise", SensorNoise, SensorNoiseRecipe)
EFFECTS.register("hot_pixels", HotPixels, HotPixelsRecipe)
EFFECTS.register("white_balance", WhiteBalance, WhiteBalanceRecipe)
EFFECTS.register("gamma", Gamma, GammaRecipe)
EFFECTS.register("contrast", Contrast, ContrastRecipe)
EFFECTS.register("saturation", Saturation, SaturationRecipe)
EFFECTS.register("grey", Grey, GreyRecipe)
EFFECTS.register("denoise", Denoise, DenoiseRecipe)
EFFECTS.register("sharpen", Sharpen, SharpenRecipe)
EFFECTS.register("rescale", Rescale, RescaleRecipe)
EFFECTS.register("interlace", Interlace, InterlaceRecipe)
EFFECTS.register("compression", Compression, CompressionRecipe)
EFFECTS.register("timestamp", Timestamp, TimestampRecipe)


class CameraRecipe(OpSection):
    """A preset, and effects that differ from it; an effect given as null is switched off.

    Attributes:
        preset: Effects to begin with: "clean" (none), "webcam", "cctv-day" or "cctv-night".
        clean: Share of pictures that no effect touches.
    """

    registry: ClassVar[OpRegistry] = EFFECTS
    preset: Preset = "clean"
    clean: float = Field(default=0.0, ge=0, le=1)

    @classmethod
    def field_for(cls, recipe: type[Model], description: str) -> FieldInfo:
        """Return a field that has no effect unless one is given."""
        return FieldInfo(annotation=recipe | None, default=None, description=description)  # type: ignore[arg-type]

    @model_validator(mode="before")
    @classmethod
    def _upon_the_preset(cls, values: Any) -> Any:
        if not isinstance(values, dict):
            return values
        preset = values.get("preset", "clean")
        return {**PRESETS.get(preset, {}), **values} if isinstance(preset, str) else values

    def draw(self, rng: np.random.Generator) -> tuple[Effect, ...]:
        """Draw the chain, in physical order."""
        chain = []
        for name in EFFECTS:
            recipe = getattr(self, name)
            if recipe is None:
                continue
            happens = rng.random() < recipe.probability
            effect = recipe.draw(rng)
            if happens:
                chain.append(effect)
        untouched = self.clean > 0 and rng.random() < self.clean  # the last draw, so that it shifts no other
        return () if untouched else tuple(chain)


def expose(image: RGB, chain: Sequence[Effect]) -> RGB:
    """Send a picture through a chain; geometric effects act as one map, at the place of the first of them."""
    geometric = geometric_effects(chain)
    for effect in chain:
        if effect.moves is False:
            image = effect.apply(image)
        elif effect is geometric[0]:
            image = move_image(image, geometric)
    return image


def geometric_effects(chain: Sequence[Effect]) -> tuple[Geometric, ...]:
    """Return those that move pixels, in order."""
    return tuple(effect for effect in chain if effect.moves is True)
