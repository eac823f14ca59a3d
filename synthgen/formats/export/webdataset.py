"""WebDataset: SPLIT-00000.tar with NAME.jpg, NAME.mask.png and NAME.json for each row, in order of index.

The mask has the numbers of instances, the JSON what is known of each. Times and owners in the tars are empty, so the
same shard gives the same file.
"""

from __future__ import annotations

import io
import tarfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from synthgen.core.classes import Classes
from synthgen.core.types import Instance, Split
from synthgen.formats.export.format import About, Part
from synthgen.formats.export.rows import ExportRow, ShardRows, facts

__all__ = ["WebDataset"]


@dataclass(frozen=True, slots=True)
class WebDataset:
    """Tar files, one for each shard of the dataset."""

    def write(self, shard: ShardRows, folder: Path) -> Part:
        """Write the shard's tar; the part holds its name and its rows."""
        file, count = folder / f"{shard.name}.tar", 0
        with tarfile.open(file, "w", format=tarfile.USTAR_FORMAT) as tar:
            for row in shard:
                count += 1
                _add(tar, f"{row.name}{row.suffix}", row.image)
                _add(tar, f"{row.name}.mask.png", row.mask_png)
                _add(tar, f"{row.name}.json", orjson.dumps(_described(row, shard.classes)))
        return Part(shard.split, {"url": file.name, "nsamples": count})

    def join(self, parts: Mapping[Split, Iterable[Part]], folder: Path, about: About) -> None:
        """Write index.json, the list of tars as `widsindex` writes it, and the names of the classes."""
        shards = [part.index for those in parts.values() for part in those]
        index = {"__kind__": "wids-shard-index-v1", "wids_version": 1, "name": about.title, "shardlist": shards}
        (folder / "index.json").write_bytes(orjson.dumps(index, option=orjson.OPT_INDENT_2) + b"\n")
        names = "".join(f"{name}\n" for name in about.classes.names)
        (folder / "classes.txt").write_text(names, encoding="utf-8")


def _add(tar: tarfile.TarFile, name: str, data: bytes) -> None:
    member = tarfile.TarInfo(name)
    member.size = len(data)
    tar.addfile(member, io.BytesIO(data))


def _described(row: ExportRow, classes: Classes) -> dict[str, Any]:
    return {
        "sample_id": row.name,
        "split": row.split,
        "scene_id": row.scene_id,
        "background_id": row.background_id,
        "height": row.size[0],
        "width": row.size[1],
        **({} if row.sequence_id is None else {"sequence_id": row.sequence_id, "frame": row.frame}),
        "instances": [_instance(each, classes) for each in row.instances],
    }


def _instance(instance: Instance, classes: Classes) -> dict[str, Any]:
    return {
        "number": instance.number,
        "class_id": classes.id_of(instance.category),
        "class": instance.category,
        "bbox": instance.bbox,
        "area": instance.area,
        **facts(instance),
        "amodal_bbox": instance.amodal_bbox,
    }
