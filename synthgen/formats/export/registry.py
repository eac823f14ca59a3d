"""The formats of exports by name; each is imported when it is first asked for."""

from __future__ import annotations

from synthgen.core.registry import LazyRegistry
from synthgen.formats.export.format import ExportFormat

__all__ = ["EXPORTS"]

EXPORTS: LazyRegistry[type[ExportFormat]] = LazyRegistry("export format")
EXPORTS.register("coco", "synthgen.formats.export.coco:Coco")
EXPORTS.register("folders", "synthgen.formats.export.folders:Folders")
EXPORTS.register("huggingface", "synthgen.formats.export.hugging_face:HuggingFace")
EXPORTS.register("voc", "synthgen.formats.export.voc:Voc")
EXPORTS.register("webdataset", "synthgen.formats.export.webdataset:WebDataset")
EXPORTS.register("yolo", "synthgen.formats.export.yolo:YoloBoxes")
EXPORTS.register("yolo-seg", "synthgen.formats.export.yolo:YoloSegments")
