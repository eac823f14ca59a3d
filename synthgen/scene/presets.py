"""Recipes by name, for `recipe: {preset: photographs}`, and how a user's own values lie upon one.

A preset is no more than values: what goes into the fingerprint and the manifest of a dataset are the values, so a
preset that changes later makes another recipe.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

__all__ = ["PRESETS", "laid_upon", "upon_preset"]

CHOICES = ("kind", "unit", "preset")  # keys whose value says what the keys beside them mean

PRESETS: dict[str, dict[str, Any]] = {
    # Photographs as people take them: near and far, cut by any edge, seldom turned far, a third on plain grounds.
    "photographs": {
        "instances": {"min": 1, "max": 2},
        "negatives": 0.15,
        "distractors": {"min": 0, "max": 1},
        "scale": {
            "unit": "frame",
            "min": 0.1,
            "max": 1.7,
            "strata": [
                {"min": 0.1, "max": 0.35, "weight": 0.4},
                {"min": 0.35, "max": 0.9, "weight": 0.35},
                {"min": 0.9, "max": 1.7, "weight": 0.25},
            ],
        },
        "position": {"kind": "anywhere", "x": {"min": 0.05, "max": 0.95}, "y": {"min": 0.05, "max": 0.95}},
        "rotation": {
            "min": -180,
            "max": 180,
            "strata": [{"min": -35, "max": 35, "weight": 0.8}, {"min": -180, "max": 180, "weight": 0.2}],
        },
        "skew": {"aspect": {"min": 0.8, "max": 1.25}, "shear": {"min": -0.25, "max": 0.25}},
        "background": {"crop": {"min": 0.5, "max": 1.0}, "plain": {"share": 0.4}},
        "light": {"probability": 0.7},
        "harmonize": {"modes": ["none"]},
        "shadow": {"modes": ["none"]},
        "blend": {
            "modes": ["none", "gaussian"],
            "gaussian": {"unit": "width", "sigma": {"min": 0.003, "max": 0.012}},
        },
        "camera": {
            "preset": "clean",
            "defocus": {"probability": 0.3, "radius": {"min": 0.4, "max": 1.2}},
            "exposure": {"probability": 0.5, "gain": {"min": 0.6, "max": 1.7}},
            "contrast": {"probability": 0.3},
            "saturation": {"probability": 0.3},
            "grey": {"probability": 0.15},
            "noise": {"probability": 0.5, "gain": {"min": 0.0001, "max": 0.001}, "read": {"min": 0.001, "max": 0.006}},
            "white_balance": {
                "probability": 0.3,
                "red": {"min": 0.85, "max": 1.15},
                "blue": {"min": 0.85, "max": 1.15},
            },
            "compression": {"probability": 0.5, "quality": {"min": 30, "max": 95}},
        },
    },
    # One camera on a screen or a desk, people near it.
    "webcam": {
        "instances": {"min": 1, "max": 2},
        "negatives": 0.3,
        "scale": {"unit": "frame", "min": 0.1, "max": 0.6},
        "position": {"kind": "anywhere", "x": {"min": 0.1, "max": 0.9}, "y": {"min": 0.2, "max": 1.0}},
        "rotation": {
            "min": -180,
            "max": 180,
            "strata": [{"min": -60, "max": 60, "weight": 0.8}, {"min": -180, "max": 180, "weight": 0.2}],
        },
        "blend": {"modes": ["none", "feather", "gaussian"]},
        "camera": {"preset": "webcam"},
    },
    # Cameras under a ceiling or on a mast, by day: objects are small; `camera: {preset: cctv-night}` for the night.
    "cctv": {
        "instances": {"min": 1, "max": 3},
        "negatives": 0.3,
        "scale": {
            "unit": "frame",
            "min": 0.03,
            "max": 0.25,
            "strata": [{"min": 0.03, "max": 0.06}, {"min": 0.06, "max": 0.12}, {"min": 0.12, "max": 0.25}],
        },
        "position": {"kind": "uniform"},
        "truncation": {"probability": 0.05, "max": 0.5},
        "blend": {"modes": ["none", "feather", "gaussian"]},
        "camera": {"preset": "cctv-day"},
    },
    # The study's own data: one firearm at steps of a fifth of the free margin; nothing blended, shaded or photographed.
    "paper": {
        "instances": {"min": 1, "max": 1},
        "negatives": 0.0,
        "distractors": {"min": 0, "max": 0},
        "scale": {"unit": "frame", "min": 0.2, "max": 0.5},
        "position": {"kind": "grid", "step": [0.2, 0.2]},
        "rotation": {"min": -180, "max": 180},
        "truncation": {"probability": 0.0, "max": 0.0},
        "harmonize": {"modes": ["none"]},
        "shadow": {"modes": ["none"]},
        "blend": {"modes": ["none"]},
        "camera": {"preset": "clean"},
    },
}


def upon_preset(values: dict[str, Any]) -> dict[str, Any]:
    """Return the values of a recipe laid upon those of the preset that they name; as they are if they name none.

    Raises:
        ValueError: There is no preset of that name.
    """
    if "preset" not in values:
        return values
    own = {key: value for key, value in values.items() if key != "preset"}
    name = values["preset"]
    if not isinstance(name, str) or name not in PRESETS:
        raise ValueError(f"unknown preset {name!r}; choose one of: {', '.join(PRESETS)}")
    return laid_upon(own, PRESETS[name])


def laid_upon(upper: Mapping[str, Any], lower: Mapping[str, Any]) -> dict[str, Any]:
    """Lay one mapping upon another: mappings key by key, while any other value replaces what is below it.

    Where the upper one chooses another kind, unit or preset, what lies below means something else and is dropped;
    min and max drop strata, which would otherwise hide them.
    """
    if any(upper.get(key, lower.get(key)) != lower.get(key) for key in CHOICES):
        return dict(upper)
    hidden = {"strata"} if {"min", "max"} & upper.keys() else set()
    kept = {key: value for key, value in lower.items() if key not in hidden}
    both = {
        key for key in upper.keys() & kept.keys() if isinstance(upper[key], Mapping) and isinstance(kept[key], Mapping)
    }
    return {**kept, **upper, **{key: laid_upon(upper[key], kept[key]) for key in sorted(both)}}
