"""Boxes of planned scenes: what a recipe draws, without an asset or a pixel."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from synthgen.assets.cast import Cast
from synthgen.assets.catalog import Asset
from synthgen.core.geometry import bounds
from synthgen.priors.boxes import EDGE, Boxes
from synthgen.scene.plan import plan_scene
from synthgen.scene.recipe import Recipe
from synthgen.scene.scene import Scene

__all__ = ["SCENES", "planned"]

SCENES = 2000
HEIGHT = 256  # of the frame, pixels
LONG = 256  # side of a made-up cutout, pixels
CUTOUTS = 200
PLAIN = {"distractors": {"min": 0, "max": 0}, "rotation": {"min": 0, "max": 0}}  # the shapes are those of real boxes


def planned(values: dict[str, Any], shapes: np.ndarray, aspect: float, scenes: int = SCENES) -> Boxes:
    """Plan scenes of rectangular cutouts, which are not turned, and return what is seen of each.

    Args:
        values: Of the recipe.
        shapes: Logarithms of width over height of real objects; the cutouts have some of these shapes.
        aspect: Width over height of the frame.
        scenes: How many.
    """
    recipe = Recipe.model_validate({**PLAIN, **values})
    size = (HEIGHT, round(HEIGHT * aspect))
    chosen = np.quantile(shapes, (np.arange(CUTOUTS) + 0.5) / CUTOUTS)
    cutouts = {str(number): _cutout(str(number), float(shape)) for number, shape in enumerate(chosen)}
    backdrop = _asset("scene", "background", (4 * HEIGHT, 4 * HEIGHT))
    cast = Cast("train", tuple(cutouts.values()), (1 / CUTOUTS,) * CUTOUTS, (), (backdrop,))
    plans = [plan_scene(recipe, cast, size=size, seed=0, index=index) for index in range(scenes)]
    frame = np.array([size[1], size[0]] * 2)
    found = [_boxes(plan, cutouts) / frame for plan in plans]
    whole = np.concatenate(found)
    touches = np.concatenate([whole[:, :2] <= EDGE, whole[:, 2:] >= 1 - EDGE], axis=1)
    return Boxes(np.clip(whole, 0, 1), touches, np.array([len(boxes) for boxes in found]), aspect)


def _boxes(plan: Scene, cutouts: dict[str, Asset]) -> np.ndarray:
    """Return the boxes of whole targets, in pixels."""
    boxes = [
        bounds(cutouts[entry.foreground_id].outline @ entry.pose.linear.T + np.array(entry.pose.center))
        for entry in plan.placements
        if entry.part == "target"
    ]
    return np.array(boxes).reshape(-1, 4)


def _cutout(name: str, shape: float) -> Asset:
    width = max(1, round(LONG * np.exp(min(shape, 0.0))))
    height = max(1, round(LONG * np.exp(min(-shape, 0.0))))
    return _asset(name, "target", (height, width))


def _asset(name: str, role: Any, size: tuple[int, int]) -> Asset:
    height, width = size
    hull = ((0.0, 0.0), (float(width), 0.0), (float(width), float(height)), (0.0, float(height)))
    return Asset(name, Path(name), role, name, role, "", "", "", "", height, width, hull)
