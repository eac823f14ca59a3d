"""`Scene`: one draw of the recipe. Small, frozen, JSON-able; renders the same row anywhere (law 2)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import orjson

from synthgen.core.types import Part, Size, Split
from synthgen.ops.augmentation import Augmentation
from synthgen.ops.blend.registry import BLENDS, Blend
from synthgen.ops.camera.effect import Effect
from synthgen.ops.camera.registry import EFFECTS
from synthgen.ops.choice import op_from_json, op_to_json
from synthgen.ops.harmonize.registry import HARMONIZERS, Harmonizer
from synthgen.ops.light import Light
from synthgen.ops.shadow.registry import SHADOWS, Shadow
from synthgen.scene.backdrop import Ground, backdrop_from_json, backdrop_to_json
from synthgen.scene.pose import Pose
from synthgen.scene.sources import Cutout, Patch, Source, source_from_json, source_to_json

__all__ = ["READABLE", "SCENE_VERSION", "Placement", "Scene"]

SCENE_VERSION = 4  # another one wherever a scene reads, or renders, differently
READABLE = (3, 4)  # what version 3 does not say has no effect


@dataclass(frozen=True, slots=True)
class Placement:
    """One object in the frame; later placements lie above earlier ones.

    Attributes:
        source: Where its pixels come from.
        category: What it is.
        part: "target" is labelled; distractors, occluders and decoys only hide what is below them.
        pose: Where it is, how large, how turned.
        blend: How its edge meets the scene.
        harmonize: How it takes on the scene's light.
        shadow: What light it takes away.
        light: Its own light; None for as it is.
        track: In a sequence its number, from 1, the same in every frame.
    """

    source: Source
    category: str
    part: Part
    pose: Pose
    blend: Blend
    harmonize: Harmonizer
    shadow: Shadow
    light: Light | None = None
    track: int | None = None

    @property
    def foreground_id(self) -> str:
        """The cutout's id; empty for what is no cutout."""
        return self.source.foreground_id if isinstance(self.source, Cutout) else ""


@dataclass(frozen=True, slots=True)
class Scene:
    """Every decision of one sample.

    Attributes:
        split: Which side of the firewall.
        index: Position within the split.
        scene_id: Shared by samples that differ in their blends alone, and by the frames of a sequence.
        size: (height, width) of the frame in pixels.
        backdrop: What lies behind everything.
        placements: Bottom to top.
        camera: Effects in physical order.
        augmentation: The user's own pipeline, if any.
        linear_light: Mix partly covered pixels in linear light.
        min_visibility: Targets less visible than this are not labelled, 0–1.
        unplaced: Objects that found no place.
        sequence_id: The sequence that it is a frame of; None for a picture.
        frame: Its number there, from 0.
    """

    split: Split
    index: int
    scene_id: str
    size: Size
    backdrop: Ground
    placements: tuple[Placement, ...]
    camera: tuple[Effect, ...] = ()
    augmentation: Augmentation | None = None
    linear_light: bool = True
    min_visibility: float = 0.0
    unplaced: int = 0
    sequence_id: str | None = None
    frame: int | None = None

    @property
    def background_id(self) -> str:
        """The scene photo's id; empty for a plain ground."""
        return self.backdrop.background_id

    @property
    def foreground_ids(self) -> frozenset[str]:
        """The cutouts that it shows, or shows a part of."""
        return frozenset(placement.foreground_id for placement in self.placements) - {""}

    @property
    def background_ids(self) -> frozenset[str]:
        """The scene photos that it shows, or shows a piece of."""
        sources = [placement.source for placement in self.placements]
        pieces = [source.background_id for source in sources if isinstance(source, Patch)]
        return frozenset([self.background_id, *pieces]) - {""}

    def to_json(self) -> str:
        """Return the scene as compact JSON with sorted keys."""
        value = {
            "version": SCENE_VERSION,
            "split": self.split,
            "index": self.index,
            "scene_id": self.scene_id,
            "size": self.size,
            "backdrop": backdrop_to_json(self.backdrop),
            "placements": [_placement_to_json(placement) for placement in self.placements],
            "camera": [op_to_json(EFFECTS, effect) for effect in self.camera],
            "augmentation": None if self.augmentation is None else self.augmentation.to_json(),
            "linear_light": self.linear_light,
            "min_visibility": self.min_visibility,
            "unplaced": self.unplaced,
        }
        if self.sequence_id is not None:  # pictures say nothing of it, as they did before there were sequences
            value |= {"sequence_id": self.sequence_id, "frame": self.frame}
        return orjson.dumps(value, option=orjson.OPT_SORT_KEYS).decode()

    @classmethod
    def from_json(cls, text: str) -> Scene:
        """Rebuild what `to_json` wrote.

        Raises:
            ValueError: The JSON is no scene of a version that can be read.
        """
        value = orjson.loads(text)
        if value.get("version") not in READABLE:
            raise ValueError(f"scene version {value.get('version')!r}; this synthgen reads {READABLE}")
        augmentation = value["augmentation"]
        return cls(
            split=value["split"],
            index=value["index"],
            scene_id=value["scene_id"],
            size=(value["size"][0], value["size"][1]),
            backdrop=backdrop_from_json(value["backdrop"]),
            placements=tuple(_placement_from_json(entry) for entry in value["placements"]),
            camera=tuple(op_from_json(EFFECTS, effect) for effect in value["camera"]),
            augmentation=None if augmentation is None else Augmentation.from_json(augmentation),
            linear_light=value["linear_light"],
            min_visibility=value["min_visibility"],
            unplaced=value["unplaced"],
            sequence_id=value.get("sequence_id"),
            frame=value.get("frame"),
        )


OPS = {"blend": BLENDS, "harmonize": HARMONIZERS, "shadow": SHADOWS}


NEUTRAL = {"stretch": 1.0, "aspect": 1.0, "shear": 0.0}  # of a pose; what scenes do not say


def _placement_to_json(placement: Placement) -> dict[str, Any]:
    """Return one flat object: the numbers of the pose lie beside the ops; those that change nothing are left out."""
    pose = {name: getattr(placement.pose, name) for name in Pose.__slots__}
    for name, neutral in NEUTRAL.items():
        if pose[name] == neutral:
            del pose[name]
    ops = {name: op_to_json(registry, getattr(placement, name)) for name, registry in OPS.items()}
    source, light = source_to_json(placement.source), None if placement.light is None else placement.light.to_json()
    track = {} if placement.track is None else {"track": placement.track}
    told = {"category": placement.category, "part": placement.part, "source": source, "light": light}
    return {**told, **track, **pose, **ops}


def _placement_from_json(entry: dict[str, Any]) -> Placement:
    (x, y), ops = entry["center"], {name: op_from_json(registry, entry[name]) for name, registry in OPS.items()}
    changes = {name: entry.get(name, neutral) for name, neutral in NEUTRAL.items()}
    pose = Pose(entry["scale"], entry["rotation"], entry["flip"], (x, y), **changes)
    light = None if entry.get("light") is None else Light.from_json(entry["light"])
    source = source_from_json(entry["source"])
    return Placement(source, entry["category"], entry["part"], pose, light=light, track=entry.get("track"), **ops)
