"""COCO: SPLIT/NAME.jpg and annotations/instances_SPLIT.json (Lin et al. 2014).

Masks are run lengths, which are exact. With polygons, the parts of an instance are polygons of their own, and holes are
joined to them by bridges; `pycocotools` fills them by pixel centres, so next to nothing is lost. Targets that are too
hidden to be labelled are crowds, whose region trainers and scores of COCO leave out. Category 0 is nothing, as in COCO.
Frames of sequences have `video_id`, `frame_id` and `track_id`, and the file a list of `videos`, as files of video
instances have (Yang et al. 2019, "Video instance segmentation").
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any, BinaryIO

import cv2
import numpy as np
import orjson

from synthgen.compiled.coco_runs import packed_runs
from synthgen.core.classes import Classes
from synthgen.core.geometry import tight_box
from synthgen.core.types import Box, Coverage, Instance, InstanceMask, Split
from synthgen.formats.export.format import About, Loss, Part
from synthgen.formats.export.outlines import rings
from synthgen.formats.export.rows import ExportRow, ShardRows, amodal_region, facts
from synthgen.formats.segmentation import decode_segmentation

__all__ = ["Coco"]

IDS = 1 << 16  # ids of annotations that an image has: 255 instances, and as many crowds as a row can count


@dataclass(frozen=True, slots=True)
class Coco:
    """Images and instances of COCO.

    Attributes:
        polygons: Outlines instead of run lengths.
        amodal: Segmentation, bbox and area are of the whole object within the frame, also where something hides it;
            those of what is visible stand beside them, as `visible_segmentation`, `visible_bbox` and `visible_area`.
    """

    polygons: bool = False
    amodal: bool = False

    def write(self, shard: ShardRows, folder: Path) -> Part:
        """Write the images; the part holds their entries."""
        images, annotations, videos, loss = [], [], {}, Loss()
        (folder / shard.split).mkdir(exist_ok=True)
        for row in shard:
            (folder / shard.split / f"{row.name}{row.suffix}").write_bytes(row.image)
            images.append(_image(row))
            if row.frame is not None:
                videos[_video_of(row)] = row.sequence_id
            for instance in row.instances:
                entry, lost = self._annotation(row, instance, shard.classes)
                annotations.append(entry)
                loss += lost
            annotations.extend(_crowds(row, shard.classes))
        return Part(shard.split, {"images": images, "annotations": annotations, "videos": list(videos.items())}, loss)

    def join(self, parts: Mapping[Split, Iterable[Part]], folder: Path, about: About) -> None:
        """Write a file of annotations for each split, a shard's entries in memory at a time."""
        (folder / "annotations").mkdir(exist_ok=True)
        head = orjson.dumps(_head(about))[:-1]
        for split, those in parts.items():
            with (folder / "annotations" / f"instances_{split}.json").open("wb") as file:
                file.write(head)
                for name in ("images", "annotations"):
                    file.write(b',"' + name.encode() + b'":[')
                    _write_entries(file, chain.from_iterable(part.index[name] for part in those))
                    file.write(b"]")
                videos = dict(chain.from_iterable(part.index["videos"] for part in those))
                if videos:
                    file.write(b',"videos":' + orjson.dumps([{"id": key, "name": videos[key]} for key in videos]))
                file.write(b"}\n")

    def _annotation(self, row: ExportRow, instance: Instance, classes: Classes) -> tuple[dict[str, Any], Loss]:
        shown, lost = self._segmentation(row.mask, instance.number, instance.bbox)
        seen = {"segmentation": shown, "bbox": _xywh(instance.bbox), "area": instance.area}
        entry = {
            "id": row.number * IDS + instance.number,
            "image_id": row.number,
            "category_id": classes.id_of(instance.category),
            "iscrowd": 0,
            **seen,
            "number": instance.number,
            **facts(instance),
            "amodal_bbox": _xywh(instance.amodal_bbox),
        }
        if instance.track is not None:
            entry["track_id"] = _video_of(row) * IDS + instance.track
        if self.amodal:
            entry |= {f"visible_{name}": value for name, value in seen.items()}
            whole = amodal_region(instance.amodal_rle, instance.amodal_bbox, row.size)
            box = tight_box(whole)
            entry["segmentation"], more = self._segmentation(whole.view(np.uint8), 1, box)
            entry |= {"bbox": _xywh(box), "area": int(np.count_nonzero(whole))}
            lost += more
        return entry, lost

    def _segmentation(self, mask: InstanceMask, number: int, box: Box) -> tuple[Any, Loss]:
        """Return the segmentation of the pixels of `number`, which lie in `box`."""
        polygons = _polygons(mask[box[1] : box[3], box[0] : box[2]] == number, box) if self.polygons else []
        if not polygons:
            return _runs(mask, number, box), Loss()
        whole = mask == number
        wrong = decode_segmentation(polygons, (mask.shape[0], mask.shape[1])) ^ whole
        return polygons, Loss(int(np.count_nonzero(whole)), int(np.count_nonzero(wrong)))


def _polygons(seen: Coverage, box: Box) -> list[list[float]]:
    """Return outlines a quarter of a pixel within the edges of the pixels, x and y in turn."""
    doubled = cv2.resize(seen.view(np.uint8), None, fx=2, fy=2, interpolation=cv2.INTER_NEAREST).view(bool)
    return [((ring + 0.5) / 2 + box[:2]).ravel().tolist() for ring in rings(doubled)]


def _runs(mask: InstanceMask, number: int, box: Box) -> dict[str, Any]:
    return {"size": list(mask.shape), "counts": packed_runs(mask, number, *box).tobytes().decode("ascii")}


def _crowds(row: ExportRow, classes: Classes) -> Iterator[dict[str, Any]]:
    for place, (hidden, region) in enumerate(row.ignored, 256):
        yield {
            "id": row.number * IDS + place,
            "image_id": row.number,
            "category_id": classes.id_of(hidden.category),
            "iscrowd": 1,
            "segmentation": _runs(region.view(np.uint8), 1, tight_box(region)),
            "bbox": _xywh(tight_box(region)),
            "area": int(np.count_nonzero(region)),
        }


def _image(row: ExportRow) -> dict[str, Any]:
    return {
        "id": row.number,
        "file_name": f"{row.name}{row.suffix}",
        "height": row.size[0],
        "width": row.size[1],
        "sample_id": row.name,
        "scene_id": row.scene_id,
        "background_id": row.background_id,
        **({} if row.frame is None else {"video_id": _video_of(row), "frame_id": row.frame}),
    }


def _video_of(row: ExportRow) -> int:
    """Return the id of a row's sequence: the number of its first frame, whichever rows are exported."""
    return row.number - (row.frame or 0)


def _head(about: About) -> dict[str, Any]:
    return {
        "info": {"description": f"{about.title}, made by synthgen", "version": about.version or ""},
        "licenses": [
            {"id": number, "name": name, "url": "", "files": count}
            for number, (name, count) in enumerate(about.licences.items(), 1)
        ],
        "categories": [
            {"id": number, "name": name, "supercategory": ""} for number, name in enumerate(about.classes.names, 1)
        ],
    }


def _write_entries(file: BinaryIO, entries: Iterable[Any]) -> None:
    comma = b""
    for entry in entries:
        file.write(comma + orjson.dumps(entry))
        comma = b",\n"


def _xywh(box: Box) -> list[int]:
    x0, y0, x1, y1 = box
    return [x0, y0, x1 - x0, y1 - y0]
