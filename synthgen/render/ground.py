"""The pixels of a plain ground: a colour times light and texture, both taken from the noise field (law 2)."""

from __future__ import annotations

import cv2
import numpy as np

from synthgen.core.types import RGB, AnyAlpha, Size
from synthgen.ops.noise_fields import noise_field, noise_window
from synthgen.scene.backdrop import PlainGround

__all__ = ["render_ground"]


def render_ground(ground: PlainGround, size: Size) -> RGB:
    """Return the ground, filling a frame of `size`."""
    x, y = (np.linspace(-1, 1, side, dtype=np.float32) for side in (size[1], size[0]))
    light = 1 + np.float32(ground.slope[0]) * x[None] + np.float32(ground.slope[1]) * y[:, None]
    if ground.clouds:
        light *= 1 + np.float32(ground.clouds) * _clouds(ground, size)
    if ground.grain:
        light *= 1 + np.float32(ground.grain) * _texture(ground, size)
    colour = np.array(ground.colour, dtype=np.float32)
    image: RGB = np.clip(np.rint(light[:, :, None] * colour), 0, 255).astype(np.uint8)
    return image


def _clouds(ground: PlainGround, size: Size) -> AnyAlpha:
    """Return smooth light, −1–1: a few cells of noise, blown up."""
    across = max(2, round(ground.cells * size[1] / size[0]))
    coarse = noise_window((ground.cells, across), *ground.noise)[:, :, 0] / 2
    smooth = cv2.resize(np.ascontiguousarray(coarse), (size[1], size[0]), interpolation=cv2.INTER_CUBIC)
    return np.clip(smooth, -1, 1)


def _texture(ground: PlainGround, size: Size) -> AnyAlpha:
    """Return texture of deviation about 1."""
    threads = _threads(ground, ground.angle, size)
    if ground.woven:
        threads = (threads + _threads(ground, ground.angle + 90, size)) * np.float32(0.5**0.5)
    return threads


def _threads(ground: PlainGround, degrees: float, size: Size) -> AnyAlpha:
    """Return noise stretched along `degrees`: one sample of the field for each piece of a thread."""
    length, breadth = ground.thread
    cos, sin = np.cos(np.deg2rad(degrees)), np.sin(np.deg2rad(degrees))
    x, y = ground.noise
    to_field = np.array([[cos / length, -sin / length, x], [sin / breadth, cos / breadth, y]])
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    field = np.ascontiguousarray(noise_field()[:, :, 1])
    return cv2.warpAffine(field, to_field, (size[1], size[0]), flags=flags, borderMode=cv2.BORDER_REFLECT)
