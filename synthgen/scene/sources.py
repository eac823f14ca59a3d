"""Where an object's pixels come from: a cutout or a part of one, a patch of a scene, a drawn shape, a drawn hand."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from synthgen.core.registry import Registry
from synthgen.core.types import Box, Size
from synthgen.ops.choice import op_from_json, op_to_json

__all__ = [
    "SOURCES",
    "Bone",
    "Cutout",
    "Hand",
    "Outline",
    "Patch",
    "Shape",
    "Source",
    "source_from_json",
    "source_to_json",
]

Outline = tuple[tuple[float, float], ...]  # polygon (x, y), 0–1 of the object's window
Bone = tuple[tuple[float, float, float], tuple[float, float, float]]  # a tapered capsule: (x, y, radius) of both ends


@dataclass(frozen=True, slots=True)
class Cutout:
    """A cutout, or the part of it within `part`.

    Attributes:
        foreground_id: Of the catalog.
        part: Box in pixels of the cutout; None for all of it.
    """

    foreground_id: str
    part: Box | None = None


@dataclass(frozen=True, slots=True)
class Patch:
    """A piece of another scene.

    Attributes:
        background_id: Of the catalog.
        crop: Box in pixels of the background at full resolution.
        size: (height, width) of the piece in output pixels.
        outline: Its shape.
    """

    background_id: str
    crop: Box
    size: Size
    outline: Outline


@dataclass(frozen=True, slots=True)
class Shape:
    """Something drawn: a bar, an arm.

    Attributes:
        size: (height, width) in output pixels.
        outline: Its shape.
        colour: RGB 0–255 in the middle.
        rounding: How much darker its edge is than its middle, 0–1.
        grain: Deviation of its texture, codes.
        noise: (x, y) in the noise field.
    """

    size: Size
    outline: Outline
    colour: tuple[int, int, int]
    rounding: float
    grain: float
    noise: tuple[int, int]


@dataclass(frozen=True, slots=True)
class Hand:
    """A hand at the end of an arm, drawn from bones.

    Attributes:
        size: (height, width) in output pixels.
        bones: Bottom to top, in pixels of the window.
        cloth: (first, end) of the bones that are a sleeve.
        skin: RGB 0–255.
        sleeve: RGB 0–255.
        grain: Deviation of its texture, codes.
        noise: (x, y) in the noise field.
    """

    size: Size
    bones: tuple[Bone, ...]
    cloth: tuple[int, int]
    skin: tuple[int, int, int]
    sleeve: tuple[int, int, int]
    grain: float
    noise: tuple[int, int]


Source = Cutout | Patch | Shape | Hand

SOURCES: Registry[type[Any]] = Registry("source")
SOURCES.register("cutout", Cutout)
SOURCES.register("patch", Patch)
SOURCES.register("shape", Shape)
SOURCES.register("hand", Hand)


def source_to_json(source: Source) -> dict[str, Any]:
    """Return {"kind": name, …}."""
    return op_to_json(SOURCES, source)


def source_from_json(value: dict[str, Any]) -> Source:
    """Rebuild what `source_to_json` wrote.

    Raises:
        ConfigError: The kind is unknown to this version.
    """
    source: Source = op_from_json(SOURCES, value)
    return source
