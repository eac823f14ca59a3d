"""`Scene`: one draw of the recipe. Small, frozen, JSON-able; renders the same row anywhere (law 2)."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import Any

from synthgen.core.types import Box, Role, Size, Split
from synthgen.ops.blend.registry import Blend, blend_from_json, blend_to_json

__all__ = ["SCENE_VERSION", "Backdrop", "Placement", "Scene"]

SCENE_VERSION = 1


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
class Placement:
    """One cutout in the frame; later placements lie above earlier ones.

    Attributes:
        foreground_id: The cutout.
        category: What it is.
        role: "target" is labelled, "distractor" only occludes.
        scale: Output pixels per cutout pixel.
        rotation: Degrees, counter-clockwise.
        flip: Mirrored left-right before turning.
        center: (x, y) of the cutout's middle in frame pixels.
        blend: How its edge meets the scene.
    """

    foreground_id: str
    category: str
    role: Role
    scale: float
    rotation: float
    flip: bool
    center: tuple[float, float]
    blend: Blend


@dataclass(frozen=True, slots=True)
class Scene:
    """Every decision of one sample.

    Attributes:
        split: Which side of the firewall.
        index: Position within the split.
        size: (height, width) of the frame in pixels.
        backdrop: The background behind everything.
        placements: Bottom to top.
    """

    split: Split
    index: int
    size: Size
    backdrop: Backdrop
    placements: tuple[Placement, ...]

    @property
    def background_id(self) -> str:
        """The scene photo's id."""
        return self.backdrop.background_id

    def to_json(self) -> str:
        """Return the scene as compact JSON with sorted keys."""
        placements = [{**_fields(placement), "blend": blend_to_json(placement.blend)} for placement in self.placements]
        value = {
            "version": SCENE_VERSION,
            "split": self.split,
            "index": self.index,
            "size": self.size,
            "backdrop": asdict(self.backdrop),
            "placements": placements,
        }
        return json.dumps(value, sort_keys=True, separators=(",", ":"))

    @classmethod
    def from_json(cls, text: str) -> Scene:
        """Rebuild what `to_json` wrote.

        Raises:
            ValueError: The JSON is no scene of this version.
        """
        value = json.loads(text)
        if value.get("version") != SCENE_VERSION:
            raise ValueError(f"scene version {value.get('version')!r}; this synthgen reads {SCENE_VERSION}")
        backdrop = value["backdrop"]
        return cls(
            split=value["split"],
            index=value["index"],
            size=(value["size"][0], value["size"][1]),
            backdrop=Backdrop(backdrop["background_id"], _box(backdrop["crop"]), backdrop["flip"]),
            placements=tuple(_placement(entry) for entry in value["placements"]),
        )


def _fields(placement: Placement) -> dict[str, Any]:
    names = ("foreground_id", "category", "role", "scale", "rotation", "flip", "center")
    return {name: getattr(placement, name) for name in names}


def _box(values: list[int]) -> Box:
    x0, y0, x1, y1 = values
    return (x0, y0, x1, y1)


def _placement(entry: dict[str, Any]) -> Placement:
    center = (entry["center"][0], entry["center"][1])
    return Placement(**{**entry, "center": center, "blend": blend_from_json(entry["blend"])})
