"""The formats that backgrounds come in, by name; each is imported when it is first asked for."""

from __future__ import annotations

from synthgen.core.registry import LazyRegistry
from synthgen.formats.offer import Format

__all__ = ["SCENE_FORMATS"]

SCENE_FORMATS: LazyRegistry[Format] = LazyRegistry("format")
SCENE_FORMATS.register("pictures", "synthgen.formats.scenes.pictures:PICTURES")
SCENE_FORMATS.register("videos", "synthgen.formats.scenes.videos:VIDEOS")
