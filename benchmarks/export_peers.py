"""The same rows written by what a user would pick instead: Datumaro, and webdataset's own writer.

All read the rows by the code that our exports read them by, keep the JPEG bytes as they are, and write the masks that
the format has room for. Each runs in one process, as neither library shares the work out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import orjson

from synthgen.core.types import Box, InstanceMask
from synthgen.formats.export import Export
from synthgen.formats.export.rows import ExportRow, facts

__all__ = ["PEERS", "rows_of"]

SHARD_ROWS = 1000  # of a tar


def rows_of(export: Export, count: int) -> Iterator[ExportRow]:
    """Yield the rows of the first shards, `count` at least, or all that there are."""
    seen = 0
    for entry in export.entries:
        if seen < count:
            yield from export.shard(entry)
        seen += entry.rows


def _datumaro(name: str, export: Export, count: int, out: Path, *, boxes: bool, masks: bool, **options: Any) -> None:
    from datumaro.components.annotation import Bbox, Mask
    from datumaro.components.dataset import Dataset
    from datumaro.components.dataset_base import DatasetItem
    from datumaro.components.media import Image

    def item(row: ExportRow) -> DatasetItem:
        found: list[Any] = []
        for each in row.instances:
            known = {"id": each.number, "group": each.number, "label": export.classes.id_of(each.category) - 1}
            found += [Mask(partial(_seen, row.mask, each.number), **known)] if masks else []
            found += [Bbox(*_xywh(each.bbox), **known)] if boxes else []
        media = Image.from_bytes(row.image, ext=row.suffix, size=row.size)
        return DatasetItem(row.name, subset=row.split, media=media, annotations=found)

    items = [item(row) for row in rows_of(export, count)]
    dataset = Dataset.from_iterable(items, categories=list(export.classes.names))
    dataset.export(str(out), name, save_media=True, **options)


def _seen(mask: InstanceMask, number: int) -> Any:
    return mask == number


def _xywh(box: Box) -> tuple[int, int, int, int]:
    return box[0], box[1], box[2] - box[0], box[3] - box[1]


def _webdataset(export: Export, count: int, out: Path) -> None:
    from webdataset import ShardWriter

    out.mkdir()
    with ShardWriter(str(out / "train-%05d.tar"), maxcount=SHARD_ROWS, verbose=0) as tar:
        for row in rows_of(export, count):
            told = [{"number": each.number, "class": each.category, **facts(each)} for each in row.instances]
            values = {row.suffix[1:]: row.image, "mask.png": row.mask_png, "json": orjson.dumps({"instances": told})}
            tar.write({"__key__": row.name, **values})


PEERS: dict[str, tuple[str, Callable[[Export, int, Path], None]]] = {
    "coco": ("Datumaro", partial(_datumaro, "coco_instances", boxes=False, masks=True, segmentation_mode="mask")),
    "folders": ("Datumaro", partial(_datumaro, "voc_segmentation", boxes=False, masks=True)),
    "voc": ("Datumaro", partial(_datumaro, "voc", boxes=True, masks=True)),
    "yolo": ("Datumaro", partial(_datumaro, "yolo", boxes=True, masks=False)),
    "webdataset": ("webdataset", _webdataset),
}
"""Of each format of ours: the library, and what writes so many rows into a new folder."""
