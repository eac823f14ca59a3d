"""Cameras by name, each as the effects that it has and their ranges."""

from __future__ import annotations

from typing import Any, Literal

__all__ = ["PRESETS", "Camera", "Preset"]

Camera = Literal["webcam", "cctv-day", "cctv-night"]  # those that change a picture
Preset = Literal["clean", Camera]
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
