"""The curve between sRGB codes and linear light (IEC 61966-2-1), as tables."""

from __future__ import annotations

import numpy as np

__all__ = ["DECODE", "ENCODE", "decode_srgb", "encode_srgb"]

STEPS = 1 << 14  # of linear light; fine enough that decode and encode are inverse for every code


def _srgb_tables() -> tuple[np.ndarray, np.ndarray]:
    codes = np.arange(256) / 255
    decode = np.where(codes <= 0.04045, codes / 12.92, ((codes + 0.055) / 1.055) ** 2.4)
    light = np.arange(STEPS) / (STEPS - 1)
    encode = np.where(light <= 0.0031308, light * 12.92, 1.055 * light ** (1 / 2.4) - 0.055)
    return decode.astype(np.float32), np.rint(encode * 255).astype(np.uint8)


DECODE, ENCODE = _srgb_tables()


def decode_srgb(codes: np.ndarray) -> np.ndarray:
    """Return linear light 0–1 (float32) of sRGB codes (uint8), any shape."""
    light: np.ndarray = DECODE[codes]
    return light


def encode_srgb(light: np.ndarray) -> np.ndarray:
    """Return sRGB codes (uint8) of linear light; what is beyond 0–1 is clipped."""
    steps = np.clip(light, 0, 1) * np.float32(STEPS - 1) + np.float32(0.5)
    codes: np.ndarray = ENCODE[steps.astype(np.int32)]
    return codes
