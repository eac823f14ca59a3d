"""The formats that foregrounds come in, by name; each is imported when it is first asked for."""

from __future__ import annotations

from synthgen.core.registry import LazyRegistry
from synthgen.formats.offer import Format

__all__ = ["CUTOUT_FORMATS"]

CUTOUT_FORMATS: LazyRegistry[Format] = LazyRegistry("format")
CUTOUT_FORMATS.register("rgba", "synthgen.formats.cutouts.rgba:RGBA_FILES")
CUTOUT_FORMATS.register("masks", "synthgen.formats.cutouts.masks:MASK_PAIRS")
CUTOUT_FORMATS.register("coco", "synthgen.formats.cutouts.coco:COCO")
CUTOUT_FORMATS.register("yolo", "synthgen.formats.cutouts.yolo:YOLO")
