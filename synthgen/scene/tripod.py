"""The camera of a sequence: how it shakes and pans over a scene photo, and what it sees of it at a moment.

Nothing is made up beyond the photo's edges: where the crop leaves no room to move in, it is made smaller.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from synthgen.core.types import Size
from synthgen.scene.backdrop import Backdrop, Window
from synthgen.scene.motion import TRIPODS, MotionRecipe, Sway, Sweep

__all__ = ["CameraPath", "draw_camera"]

LEAST_PAN = 0.1  # of the frame's width: how far a camera that pans looks to either side, at least
DIGITS = 3  # of a window's place, photo pixels


@dataclass(frozen=True, slots=True)
class CameraPath:
    """Where a camera looks.

    Attributes:
        background_id: The scene photo.
        middle: (x, y) on the photo that it points to in the middle of its way, pixels of the photo.
        extent: (width, height) that it sees, likewise.
        scale: (across, down), photo pixels to a frame pixel; across below 0 where the photo is mirrored.
        shake: How far it strays, frame pixels.
        sways: Of the shake, across and down.
        pan: Frame pixels.
    """

    background_id: str
    middle: tuple[float, float]
    extent: tuple[float, float]
    scale: tuple[float, float]
    shake: float
    sways: tuple[Sway, Sway]
    pan: Sweep

    def at(self, seconds: float) -> tuple[float, float]:
        """Return how far right and down of the middle it looks at a moment, frame pixels."""
        x, y = (self.shake * sway.at(seconds) / sway.reach for sway in self.sways)
        across, down = self.pan.at(seconds)
        return x + across, y + down

    def window(self, seconds: float) -> Window:
        """Return what it sees at a moment."""
        x, y = (
            place + scale * way for place, scale, way in zip(self.middle, self.scale, self.at(seconds), strict=True)
        )
        x0, y0 = round(x - self.extent[0] / 2, DIGITS), round(y - self.extent[1] / 2, DIGITS)
        box = (x0, y0, x0 + self.extent[0], y0 + self.extent[1])
        return Window(self.background_id, box, self.scale[0] < 0)


def draw_camera(
    motion: MotionRecipe, backdrop: Backdrop, photo: Size, size: Size, *, rng: np.random.Generator
) -> CameraPath | None:
    """Draw how a camera moves that sees about `backdrop` of a photo in a frame of `size`; None for a still one."""
    shake, pan = (part.draw(rng) * min(size) for part in (motion.shake, motion.pan))
    sways = (Sway.draw(TRIPODS, rng), Sway.draw(TRIPODS, rng))
    phase = float(rng.uniform(-math.pi, math.pi))
    if not shake and not pan:
        return None
    x0, y0, x1, y1 = backdrop.crop
    margin = (shake + (LEAST_PAN * size[1] if pan else 0), shake)  # frame pixels, on either side
    wanted = ((x1 - x0) * (1 + 2 * margin[0] / size[1]), (y1 - y0) * (1 + 2 * margin[1] / size[0]))
    smaller = min(1.0, photo[1] / wanted[0], photo[0] / wanted[1])
    width, height = (round(side * smaller, DIGITS) for side in (x1 - x0, y1 - y0))
    across, down = width / size[1], height / size[0]
    low = (width / 2 + shake * across, height / 2 + shake * down)
    room = max(photo[1] / 2 - low[0], 0.0) if pan else 0.0
    x = photo[1] / 2 if pan else _within((x0 + x1) / 2, low[0], photo[1])
    return CameraPath(
        background_id=backdrop.background_id,
        middle=(x, _within((y0 + y1) / 2, low[1], photo[0])),
        extent=(width, height),
        scale=(-across if backdrop.flip else across, down),
        shake=shake,
        sways=sways,
        pan=Sweep(room / across, 0.0, pan * across / room, phase) if room else Sweep(0.0, 0.0, 0.0),
    )


def _within(middle: float, low: float, side: int) -> float:
    """Return a middle that is at least `low` from both ends of a side, or halfway where there is no room."""
    return min(max(middle, low), side - low) if 2 * low < side else side / 2
