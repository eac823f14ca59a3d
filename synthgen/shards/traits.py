"""What a row knows of its picture beyond the truth: how hidden, cut and turned its targets are, what its camera did.

All is told by the columns of the instances and by the scene; what a scene does not say is left out.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import Any

import orjson

__all__ = ["TRAIT_COLUMNS", "row_traits"]

TRAIT_COLUMNS = ("instances.list.element.occlusion", "instances.list.element.truncation", "scene")


def row_traits(row: Mapping[str, Any]) -> dict[str, float | str]:
    """Return the traits that the columns `TRAIT_COLUMNS` of a row tell.

    `occlusion` and `truncation` (0–1) are those of the target that is most hidden and of the one that is most cut;
    `rotation` is that of the target turned farthest from upright, degrees 0–180. `ground` is "plain" or "scene".
    `camera_blur` is a standard deviation in pixels, `camera_light` the share of the light that the camera kept.
    """
    scene, instances = orjson.loads(row["scene"]), row["instances"]
    traits: dict[str, float | str] = {}
    if instances:
        traits |= {name: max(instance[name] for instance in instances) for name in ("occlusion", "truncation")}
    turns = [_turn(placed["rotation"]) for placed in scene.get("placements", ()) if placed.get("part") == "target"]
    if turns:
        traits["rotation"] = max(turns)
    if "backdrop" in scene:
        traits["ground"] = "plain" if scene["backdrop"].get("kind") == "plain" else "scene"
    if "camera" in scene:
        traits |= {"camera_blur": _blur(scene["camera"]), "camera_light": _light(scene["camera"])}
    return traits


def _turn(degrees: float) -> float:
    """Return how far from upright, 0–180, whichever way."""
    return abs((degrees + 180) % 360 - 180)


def _blur(camera: Iterable[Mapping[str, Any]]) -> float:
    """Return the standard deviation of the camera's blur along its widest direction, pixels.

    Variances add up: r²/4 of a disc of radius r, L²/12 of a streak of length L. Recording at a factor f averages
    1/f pixels (variance 1/12f²) and enlarges with a tent of that reach (1/6f²), less what f = 1 would give.
    """
    variance = 0.0
    for effect in camera:
        if effect["kind"] == "defocus":
            variance += effect["radius"] ** 2 / 4
        elif effect["kind"] == "motion_blur":
            variance += (effect["length"] ** 2 - 1) / 12
        elif effect["kind"] == "rescale":
            variance += (effect["factor"] ** -2 - 1) / 4
    return math.sqrt(variance)


def _light(camera: Iterable[Mapping[str, Any]]) -> float:
    """Return the product of all factors of linear light."""
    factors = {"exposure": "gain", "low_light": "exposure"}
    return float(math.prod(effect[factors[effect["kind"]]] for effect in camera if effect["kind"] in factors))
