"""A camera preset at five severities, for pictures that exist already: its effects without those that move pixels.

At severity s every range lies s/5 of the way from where it changes nothing to the preset's end that changes most. What
has no such number, such as a time in the corner, happens s/5 as often.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import get_args

import cv2
import numpy as np
import xxhash

from synthgen.core.ranges import CountRange, FloatRange
from synthgen.core.types import RGB
from synthgen.ops.camera.effect import EffectRecipe, Photometric
from synthgen.ops.camera.presets import Camera
from synthgen.ops.camera.registry import EFFECTS, CameraRecipe, expose

__all__ = ["CAMERAS", "HARMLESS", "SEVERITIES", "chain_at", "degraded", "recipes_at"]

CAMERAS: tuple[Camera, ...] = get_args(Camera)
SEVERITIES = (1, 2, 3, 4, 5)
ROWS = 240  # of the smallest frames that the presets are made for

HARMLESS: Mapping[str, Mapping[str, float]] = {
    "defocus": {"radius": 0},
    "chromatic_aberration": {"shift": 0},
    "vignette": {"strength": 0},
    "motion_blur": {"length": 1},
    "low_light": {"exposure": 1},
    "noise": {"gain": 0, "read": 0},
    "hot_pixels": {"count": 0},
    "white_balance": {"red": 1, "blue": 1},
    "gamma": {"exponent": 1},
    "denoise": {"strength": 0.1},
    "sharpen": {"amount": 0},
    "rescale": {"factor": 1},
    "interlace": {"strength": 0},
    "compression": {"quality": 100, "generations": 1},
}
"""Where an effect's numbers change nothing; numbers that say how and not how much, such as an angle, are not named."""


def degraded(image: RGB, camera: Camera, severity: int, name: str) -> RGB:
    """Return a picture as `camera` would have taken it at `severity` 1–5; nothing moves.

    Numbers in pixels are made for frames of 240 rows and more, so a picture whose short side is longer is recorded at
    fewer rows, down to 240 at severity 5, and enlarged again.

    Args:
        image: The picture.
        camera: One of `CAMERAS`.
        severity: One of `SEVERITIES`.
        name: Of the picture. It names all draws: at every severity a picture has the same noise, angles and sides.
    """
    height, width = image.shape[:2]
    scale = (ROWS / max(ROWS, min(height, width))) ** _share(severity)
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    recorded = image if scale == 1 else cv2.resize(image, size, interpolation=cv2.INTER_AREA)
    seen = expose(recorded.astype(np.uint8, copy=False), chain_at(camera, severity, name))
    return seen if scale == 1 else cv2.resize(seen, (width, height), interpolation=cv2.INTER_CUBIC).astype(np.uint8)


def chain_at(camera: Camera, severity: int, name: str) -> tuple[Photometric, ...]:
    """Draw the effects of the picture called `name`, each from a generator of its own, in physical order."""
    chain = []
    for effect, recipe in recipes_at(camera, severity).items():
        rng = np.random.default_rng(xxhash.xxh3_128_intdigest(f"{effect}/{name}".encode()))
        happens = rng.random() < recipe.probability
        drawn = recipe.draw(rng)
        if happens and isinstance(drawn, Photometric):
            chain.append(drawn)
    return tuple(chain)


@cache
def recipes_at(camera: Camera, severity: int) -> Mapping[str, EffectRecipe]:
    """Return the recipe of each photometric effect of a preset at a severity, by name, in physical order."""
    whole, share = CameraRecipe(preset=camera), _share(severity)
    present = {name: getattr(whole, name) for name in EFFECTS if EFFECTS[name].moves is False}
    return {name: _at(name, recipe, share) for name, recipe in present.items() if recipe is not None}


def _share(severity: int) -> float:
    return severity / SEVERITIES[-1]


def _at(name: str, recipe: EffectRecipe, share: float) -> EffectRecipe:
    harmless = HARMLESS.get(name)
    if harmless is None:
        return recipe.model_copy(update={"probability": recipe.probability * share})
    return recipe.model_copy(
        update={field: _towards(getattr(recipe, field), value, share) for field, value in harmless.items()}
    )


def _towards(full: FloatRange | CountRange, harmless: float, share: float) -> FloatRange | CountRange:
    """Move both ends from `harmless` towards the farther one; of a range around `harmless`, each towards its own."""
    low, high = full.min, full.max
    if not low < harmless < high:
        low = high = max(low, high, key=lambda end: abs(end - harmless))
    ends = [harmless + share * (end - harmless) for end in (low, high)]
    if isinstance(full, CountRange):
        return CountRange(min=round(ends[0]), max=round(ends[1]))
    return full.model_copy(update={"min": ends[0], "max": ends[1]})
