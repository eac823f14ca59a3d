"""Pascal VOC as its kits lie: VOCdevkit/VOC2007/{JPEGImages, Annotations, …} (Everingham et al. 2010).

The folder is called VOC2007 because for that year alone readers know a split of the name test. Boxes are whole pixels,
counted from 1, both ends included. In both segmentations 0 is background and 255 is to be left out: pixels that targets
too hidden to be labelled may own. The colours of the masks are VOC's own; their values are classes or instances.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from xml.sax.saxutils import escape

import numpy as np

from synthgen.core.errors import DatasetError
from synthgen.core.types import Instance, InstanceMask, Split
from synthgen.formats.export.format import About, Part
from synthgen.formats.export.rows import ExportRow, ShardRows, class_mask, facts
from synthgen.shards.grey_png import write_indexed_png

__all__ = ["Voc"]

HOME = Path("VOCdevkit/VOC2007")
MASKS = ("SegmentationObject", "SegmentationClass")
FOLDERS = ("JPEGImages", "Annotations", *MASKS, "ImageSets/Main", "ImageSets/Segmentation")
VOID = 255
TRUNCATED, OCCLUDED = 0.15, 0.05  # shares from which VOC's guidelines for annotators speak of either


@dataclass(frozen=True, slots=True)
class Voc:
    """Boxes and segmentations of VOC."""

    def write(self, shard: ShardRows, folder: Path) -> Part:
        """Write images, annotations and masks; the part holds the names."""
        home, names = folder / HOME, []
        for name in FOLDERS:
            (home / name).mkdir(parents=True, exist_ok=True)
        for row in shard:
            (home / "JPEGImages" / f"{row.name}{row.suffix}").write_bytes(row.image)
            (home / "Annotations" / f"{row.name}.xml").write_text(_xml(row), encoding="utf-8")
            for name, mask in zip(MASKS, (row.mask, class_mask(row, shard.classes)), strict=True):
                (home / name / f"{row.name}.png").write_bytes(write_indexed_png(_with_void(row, mask), COLOURS))
            names.append(row.name)
        return Part(shard.split, names)

    def join(self, parts: Mapping[Split, Iterable[Part]], folder: Path, about: About) -> None:
        """Write the lists of names; trainval is train and val."""
        lists = {str(split): [name for part in those for name in part.index] for split, those in parts.items()}
        both = [name for split, names in lists.items() if split != "test" for name in names]
        for name, names in {**lists, "trainval": both}.items():
            for kind in ("Main", "Segmentation"):
                text = "".join(f"{each}\n" for each in names)
                (folder / HOME / "ImageSets" / kind / f"{name}.txt").write_text(text, encoding="ascii")


def _with_void(row: ExportRow, mask: InstanceMask) -> InstanceMask:
    if any(instance.number == VOID for instance in row.instances):
        raise DatasetError(f"{row.name}: has 255 instances, VOC numbers 254; export another format")
    if not row.ignored:
        return mask
    filled = mask.copy()
    for _, region in row.ignored:
        filled[region] = VOID
    return filled


def _xml(row: ExportRow) -> str:
    height, width = row.size
    return (
        f"<annotation><folder>{HOME.name}</folder><filename>{row.name}{row.suffix}</filename>"
        f"<source><database>synthgen</database></source>"
        f"<size><width>{width}</width><height>{height}</height><depth>3</depth></size><segmented>1</segmented>"
        f"{''.join(map(_object, row.instances))}</annotation>\n"
    )


def _object(instance: Instance) -> str:
    x0, y0, x1, y1 = instance.bbox
    more = "".join(f"<{name}>{escape(str(value))}</{name}>" for name, value in facts(instance).items())
    return (
        f"<object><name>{escape(instance.category)}</name><pose>Unspecified</pose>"
        f"<truncated>{int(instance.truncation >= TRUNCATED)}</truncated>"
        f"<occluded>{int(instance.occlusion >= OCCLUDED)}</occluded><difficult>0</difficult>"
        f"<bndbox><xmin>{x0 + 1}</xmin><ymin>{y0 + 1}</ymin><xmax>{x1}</xmax><ymax>{y1}</ymax></bndbox>"
        f"<number>{instance.number}</number>{more}</object>"
    )


def _colours() -> bytes:
    """Return VOC's colours: the bits of a value, dealt to red, green and blue in turn, highest first."""
    values = np.arange(256)
    channels = [sum((values >> (3 * bit + channel) & 1) << (7 - bit) for bit in range(8)) for channel in range(3)]
    return np.stack(channels, axis=1).astype(np.uint8).tobytes()


COLOURS = _colours()
