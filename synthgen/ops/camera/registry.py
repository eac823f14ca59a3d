"""All camera effects by name in physical order, the presets, and the recipe section that draws a chain."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

import numpy as np
from pydantic import model_validator

from synthgen.core.config import Model
from synthgen.core.registry import Registry
from synthgen.core.types import RGB
from synthgen.ops.camera.effect import Effect, Geometric, Photometric
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

__all__ = ["EFFECTS", "PRESETS", "CameraRecipe", "expose", "geometric_effects"]

EFFECTS: Registry[type[Any]] = Registry("camera effect")
for _name, _effect in {
    "defocus": Defocus,
    "distortion": Distortion,
    "rolling_shutter": RollingShutter,
    "chromatic_aberration": ChromaticAberration,
    "vignette": Vignette,
    "motion_blur": MotionBlur,
    "low_light": LowLight,
    "infrared": Infrared,
    "noise": SensorNoise,
    "hot_pixels": HotPixels,
    "white_balance": WhiteBalance,
    "gamma": Gamma,
    "denoise": Denoise,
    "sharpen": Sharpen,
    "rescale": Rescale,
    "interlace": Interlace,
    "compression": Compression,
    "timestamp": Timestamp,
}.items():
    EFFECTS.register(_name, _effect)

Preset = Literal["clean", "webcam", "cctv-day", "cctv-night"]
PRESETS: dict[str, dict[str, Any]] = {
    "clean": {},
    "webcam": {
        "defocus": {"probability": 0.5, "radius": {"min": 0.5, "max": 1.2}},
        "distortion": {"k": {"min": 0.0, "max": 0.08}},
        "vignette": {"strength": {"min": 0.05, "max": 0.25}},
        "motion_blur": {"probability": 0.3, "length": {"min": 1.5, "max": 4}},
        "noise": {"gain": {"min": 0.0003, "max": 0.002}, "read": {"min": 0.001, "max": 0.004}},
        "white_balance": {"red": {"min": 0.85, "max": 1.2}, "blue": {"min": 0.8, "max": 1.2}},
        "gamma": {"exponent": {"min": 0.85, "max": 1.15}},
        "denoise": {"probability": 0.6, "strength": {"min": 10, "max": 35}},
        "sharpen": {"amount": {"min": 0.3, "max": 1.0}},
        "compression": {"quality": {"min": 55, "max": 85}, "generations": {"min": 1, "max": 1}},
    },
    "cctv-day": {
        "defocus": {"radius": {"min": 0.4, "max": 1.2}},
        "distortion": {"k": {"min": 0.05, "max": 0.25}},
        "rolling_shutter": {"probability": 0.3},
        "chromatic_aberration": {"probability": 0.6, "shift": {"min": -1.2, "max": 1.2}},
        "vignette": {"strength": {"min": 0.1, "max": 0.4}},
        "motion_blur": {"probability": 0.3, "length": {"min": 1.5, "max": 4}},
        "noise": {"gain": {"min": 0.0005, "max": 0.003}, "read": {"min": 0.002, "max": 0.008}},
        "white_balance": {"red": {"min": 0.85, "max": 1.15}, "blue": {"min": 0.85, "max": 1.15}},
        "gamma": {"exponent": {"min": 0.8, "max": 1.2}},
        "denoise": {"probability": 0.3, "strength": {"min": 10, "max": 30}},
        "sharpen": {"amount": {"min": 0.4, "max": 1.4}},
        "rescale": {"factor": {"min": 0.5, "max": 0.9}},
        "interlace": {"probability": 0.2},
        "compression": {"quality": {"min": 30, "max": 75}, "generations": {"min": 1, "max": 2}},
        "timestamp": {"probability": 0.5},
    },
    "cctv-night": {
        "defocus": {"radius": {"min": 0.5, "max": 1.5}},
        "distortion": {"k": {"min": 0.05, "max": 0.25}},
        "rolling_shutter": {"probability": 0.3},
        "chromatic_aberration": {"probability": 0.3},
        "vignette": {"strength": {"min": 0.3, "max": 0.7}},
        "motion_blur": {"probability": 0.5, "length": {"min": 2, "max": 6}},
        "low_light": {"exposure": {"min": 0.12, "max": 0.5}},
        "infrared": {"probability": 0.6},
        "noise": {"gain": {"min": 0.001, "max": 0.006}, "read": {"min": 0.003, "max": 0.01}, "mono": 0.6},
        "hot_pixels": {"probability": 0.4},
        "gamma": {"exponent": {"min": 0.6, "max": 0.9}},
        "denoise": {"probability": 0.5, "strength": {"min": 20, "max": 60}},
        "sharpen": {"amount": {"min": 0.2, "max": 1.0}},
        "rescale": {"factor": {"min": 0.45, "max": 0.8}},
        "interlace": {"probability": 0.2},
        "compression": {"quality": {"min": 25, "max": 65}, "generations": {"min": 1, "max": 2}},
        "timestamp": {"probability": 0.5},
    },
}


class CameraRecipe(Model):
    """A preset, and effects that differ from it; an effect given as null is switched off.

    Attributes:
        preset: "clean" (nothing), "webcam", "cctv-day" or "cctv-night".
    """

    preset: Preset = "clean"
    defocus: DefocusRecipe | None = None
    distortion: DistortionRecipe | None = None
    rolling_shutter: RollingShutterRecipe | None = None
    chromatic_aberration: ChromaticAberrationRecipe | None = None
    vignette: VignetteRecipe | None = None
    motion_blur: MotionBlurRecipe | None = None
    low_light: LowLightRecipe | None = None
    infrared: InfraredRecipe | None = None
    noise: SensorNoiseRecipe | None = None
    hot_pixels: HotPixelsRecipe | None = None
    white_balance: WhiteBalanceRecipe | None = None
    gamma: GammaRecipe | None = None
    denoise: DenoiseRecipe | None = None
    sharpen: SharpenRecipe | None = None
    rescale: RescaleRecipe | None = None
    interlace: InterlaceRecipe | None = None
    compression: CompressionRecipe | None = None
    timestamp: TimestampRecipe | None = None

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
        return tuple(chain)


def expose(image: RGB, chain: Sequence[Effect]) -> RGB:
    """Send a picture through a chain; geometric effects act as one map, at the place of the first of them."""
    geometric = geometric_effects(chain)
    for effect in chain:
        if isinstance(effect, Photometric):
            image = effect.apply(image)
        elif effect is geometric[0]:
            image = move_image(image, geometric)
    return image


def geometric_effects(chain: Sequence[Effect]) -> tuple[Geometric, ...]:
    """Return those that move pixels, in order."""
    return tuple(effect for effect in chain if isinstance(effect, Geometric))
