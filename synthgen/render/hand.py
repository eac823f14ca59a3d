"""A drawn hand: tapered capsules, each lit like a round thing, laid over one another."""

from __future__ import annotations

import numpy as np

from synthgen.core.types import RGBA
from synthgen.ops.noise_fields import noise_window
from synthgen.ops.premultiplied import pack
from synthgen.scene.sources import Bone, Hand

__all__ = ["draw_bones"]

LAMP = np.array([-0.35, -0.55, 0.76], dtype=np.float32)  # direction to the light: upper left, towards the viewer
AMBIENT, CREASE = np.float32(0.5), np.float32(0.35)  # share of light from all around; darkness where bones meet


def draw_bones(hand: Hand) -> RGBA:
    """Return the hand, premultiplied."""
    colour = np.zeros((*hand.size, 3), np.float32)
    alpha = np.zeros(hand.size, np.float32)
    grain = noise_window(hand.size, *hand.noise)[:, :, :1] * np.float32(hand.grain)
    first, end = hand.cloth
    for number, bone in enumerate(hand.bones):
        place = _window(bone, hand)
        light, cover = _lit(bone, place)
        tone = np.array(hand.sleeve if first <= number < end else hand.skin, np.float32)
        shaded = tone * light[:, :, None] + grain[place]
        colour[place] += (shaded - colour[place]) * cover[:, :, None]
        alpha[place] += (1 - alpha[place]) * cover
    straight = colour / np.maximum(alpha, np.float32(1e-3))[:, :, None]
    return pack(straight, alpha * np.float32(255))


def _window(bone: Bone, hand: Hand) -> tuple[slice, slice]:
    """Return the rows and columns that a bone touches."""
    (x0, y0, r0), (x1, y1, r1) = bone
    top, bottom = min(y0 - r0, y1 - r1), max(y0 + r0, y1 + r1)
    left, right = min(x0 - r0, x1 - r1), max(x0 + r0, x1 + r1)
    rows = slice(max(0, int(top) - 1), min(hand.size[0], int(bottom) + 2))
    return rows, slice(max(0, int(left) - 1), min(hand.size[1], int(right) + 2))


def _lit(bone: Bone, place: tuple[slice, slice]) -> tuple[np.ndarray, np.ndarray]:
    """Return light and coverage 0–1 of one capsule in a window, float32 (rows, columns).

    Within the radius the surface is that of a sphere about the nearest point of the axis; its light is Lambert's
    cosine law over an ambient share.
    """
    (x0, y0, r0), (x1, y1, r1) = bone
    rows, columns = (np.arange(part.start, part.stop, dtype=np.float32) + np.float32(0.5) for part in place)
    x, y = columns[None] - np.float32(x0), rows[:, None] - np.float32(y0)
    across, down = np.float32(x1 - x0), np.float32(y1 - y0)
    along = np.clip((x * across + y * down) / max(float(across**2 + down**2), 1e-6), 0, 1).astype(np.float32)
    radius = np.float32(r0) + along * np.float32(r1 - r0)
    x, y = (x - along * across) / radius, (y - along * down) / radius
    squared = np.minimum(x * x + y * y, np.float32(1))
    facing = np.maximum(x * LAMP[0] + y * LAMP[1] + np.sqrt(1 - squared) * LAMP[2], 0)
    light = (AMBIENT + (np.float32(1.15) - AMBIENT) * facing) * (1 - CREASE * squared**3)
    cover = np.clip((1 - np.sqrt(x * x + y * y)) * radius + np.float32(0.5), 0, 1)
    return light.astype(np.float32), cover.astype(np.float32)
