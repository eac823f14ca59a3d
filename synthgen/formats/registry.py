"""The formats of annotated photographs by name; each is imported when it is first asked for."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from synthgen.core.picture import Samples
from synthgen.core.registry import LazyRegistry

__all__ = ["FORMATS", "Reader"]

Reader = Callable[[Path, Path], Samples]
"""Takes the folder of photographs and the file or folder of what is annotated on them."""

FORMATS: LazyRegistry[Reader] = LazyRegistry("format")
FORMATS.register("coco", "synthgen.formats.coco:read_coco")
FORMATS.register("folder", "synthgen.formats.folder:read_folder")
FORMATS.register("tints", "synthgen.formats.tints:read_tints")
