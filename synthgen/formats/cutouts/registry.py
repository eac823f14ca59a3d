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
CUTOUT_FORMATS.register("voc", "synthgen.formats.cutouts.voc:VOC")
CUTOUT_FORMATS.register("labelme", "synthgen.formats.cutouts.labelme:LABELME")
CUTOUT_FORMATS.register("label_studio", "synthgen.formats.cutouts.label_studio:LABEL_STUDIO")
CUTOUT_FORMATS.register("hugging_face", "synthgen.formats.cutouts.hugging_face:HUGGING_FACE")
CUTOUT_FORMATS.register("plain", "synthgen.formats.cutouts.plain:PLAIN")
