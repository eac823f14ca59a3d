"""What lies behind everything: a crop of a scene photo, a moving camera's window on one, or a plain ground."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from synthgen.core.registry import Registry
from synthgen.core.types import Box
from synthgen.ops.choice import op_from_json, op_to_json

__all__ = ["BACKDROPS", "Backdrop", "Ground", "PlainGround", "Window", "backdrop_from_json", "backdrop_to_json"]


@dataclass(frozen=True, slots=True)
class Backdrop:
    """The part of a background that fills the frame.

    Attributes:
        background_id: The scene photo.
        crop: Box in pixels of the background at full resolution.
        flip: Mirrored left-right.
    """

    background_id: str
    crop: Box
    flip: bool


@dataclass(frozen=True, slots=True)
class Window:
    """What a moving camera sees of a background at one moment: a part that need not begin at a pixel.

    Attributes:
        background_id: The scene photo.
        box: (x0, y0, x1, y1), pixels of the background at full resolution.
        flip: Mirrored left-right.
    """

    background_id: str
    box: tuple[float, float, float, float]
    flip: bool


@dataclass(frozen=True, slots=True)
class PlainGround:
    """A plain ground: a colour, and light and texture as factors of it. No asset, so its `background_id` is empty.

    Attributes:
        colour: RGB, codes 0–255.
        slope: (x, y): how much brighter the right and the lower edge are than the middle, as a share; (0, 0) for flat.
        clouds: Depth of a low-frequency light, 0–1; 0 for none.
        cells: Of the clouds along the frame's height.
        grain: Deviation of the texture as a share of the colour; 0 for none.
        thread: (length, breadth) of the texture's threads in pixels: alike for paper, unlike for wood.
        angle: Of the threads, degrees, counter-clockwise.
        woven: Other threads cross them, as in cloth.
        noise: (x, y) in the noise field.
    """

    colour: tuple[float, float, float]
    slope: tuple[float, float]
    clouds: float
    cells: int
    grain: float
    thread: tuple[float, float]
    angle: float
    woven: bool
    noise: tuple[int, int]

    @property
    def background_id(self) -> str:
        """Empty: nobody's photo."""
        return ""


Ground = Backdrop | Window | PlainGround

BACKDROPS: Registry[type[Any]] = Registry("backdrop")
BACKDROPS.register("photo", Backdrop)
BACKDROPS.register("plain", PlainGround)
BACKDROPS.register("window", Window)


def backdrop_to_json(ground: Ground) -> dict[str, Any]:
    """Return {"kind": name, …}."""
    return op_to_json(BACKDROPS, ground)


def backdrop_from_json(value: dict[str, Any]) -> Ground:
    """Rebuild what `backdrop_to_json` wrote; scenes of version 3 name no kind, and had photos only.

    Raises:
        ConfigError: The kind is unknown to this version.
    """
    ground: Ground = op_from_json(BACKDROPS, {"kind": "photo", **value})
    return ground
