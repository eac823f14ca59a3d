"""A table of pseudo-labels in Parquet, one row a picture: what a model or a rule takes for targets there.

Whatever makes pseudo-labels writes it, and `synthgen.formats.pseudo_masks` reads it as the truth of photographs. Its
columns are known here alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import xxhash
from jaxtyping import UInt8

from synthgen.core.errors import DatasetError
from synthgen.core.files import atomic_path
from synthgen.core.geometry import decode_rle
from synthgen.core.picture import Boxes
from synthgen.core.types import Coverage, Size
from synthgen.shards.codec import decode_mask

__all__ = ["PseudoLabel", "picture_hash", "pseudo_schema", "read_pseudo_table", "write_pseudo_table"]

VERSION = b"1"
VERSION_KEY = b"synthgen.pseudo_version"
GROUP_ROWS = 128  # rows of a row group, which is what lies in memory


@dataclass(frozen=True, slots=True, eq=False)
class PseudoLabel:
    """What was found on one picture.

    Attributes:
        image_id: The picture's name.
        file: Its file, relative to the folder of the pictures, with "/".
        picture_hash: `picture_hash` of the file's bytes.
        size: (height, width); (0, 0) where the picture cannot be read.
        method: What found it, e.g. "grounding_dino_sam".
        params_json: What decided the result, as JSON.
        label: 1 where somebody said that it shows a target, 0 where that it shows none; None where nobody did.
        heatmap: How sure each pixel is, 0–255, as grey PNG of any size, stretched over the whole picture; empty where
            it was not read.
        mask_rle: The pixels of all targets, as `synthgen.core.geometry.encode_rle` gives them.
        boxes: Of the targets, in pixels of the picture, with scores.
        score: Of the picture, 0–1.
        valid: Whether the mask may be learnt from.
        reason: Why not; empty where it may.
    """

    image_id: str
    file: str
    picture_hash: str
    size: Size
    method: str
    params_json: str
    label: int | None
    heatmap: bytes = field(repr=False)
    mask_rle: bytes = field(repr=False)
    boxes: Boxes
    score: float
    valid: bool
    reason: str

    @property
    def mask(self) -> Coverage:
        """The pixels of all targets (h, w).

        Raises:
            DatasetError: The run lengths are damaged.
        """
        try:
            return decode_rle(self.mask_rle, self.size)
        except ValueError as error:
            raise DatasetError(f"pseudo-label of {self.file}: damaged: {error}; label the pictures again") from error

    @property
    def heat(self) -> UInt8[np.ndarray, "_h _w"]:
        """The heat map, of its own size.

        Raises:
            DatasetError: It was not read, or is damaged.
        """
        return decode_mask(self.heatmap)


def picture_hash(data: bytes | memoryview) -> str:
    """Return the 128-bit XXH3 hash of an encoded picture, as hexadecimal: finds change, not forgery."""
    return xxhash.xxh3_128_hexdigest(data)


def pseudo_schema() -> pa.Schema:
    """Return the columns of the table."""
    box = pa.struct([("bbox", pa.list_(pa.float32(), 4)), ("category", pa.string()), ("score", pa.float32())])
    fields = {
        "image_id": pa.string(),
        "file": pa.string(),
        "picture_hash": pa.string(),
        "height": pa.int32(),
        "width": pa.int32(),
        "method": pa.string(),
        "params_json": pa.string(),
        "label": pa.int8(),
        "heatmap": pa.binary(),
        "mask_rle": pa.binary(),
        "boxes": pa.list_(box),
        "score": pa.float32(),
        "valid": pa.bool_(),
        "reason": pa.string(),
    }
    return pa.schema(list(fields.items()), metadata={VERSION_KEY: VERSION})


def write_pseudo_table(path: Path, labels: Iterable[PseudoLabel]) -> None:
    """Write a table; readers see the old file or the whole new one.

    Raises:
        OutputError: It cannot be written.
    """
    schema, rows = pseudo_schema(), map(_row, labels)
    with atomic_path(path) as temporary, pq.ParquetWriter(temporary, schema, compression="zstd") as writer:
        while group := list(islice(rows, GROUP_ROWS)):
            writer.write_table(pa.Table.from_pylist(group, schema=schema))


def read_pseudo_table(path: Path, *, heatmaps: bool = True) -> Iterator[PseudoLabel]:
    """Stream the rows of a table; without heat maps, which are most of its bytes, if nobody looks at them.

    Raises:
        DatasetError: It cannot be read, or is no table of pseudo-labels.
    """
    names = [name for name in pseudo_schema().names if heatmaps or name != "heatmap"]
    try:
        with pq.ParquetFile(path) as file:
            _check(path, file.schema_arrow)
            for batch in file.iter_batches(GROUP_ROWS, columns=names):
                yield from map(_label, batch.to_pylist())
    except (OSError, pa.ArrowException) as error:
        reason = str(error).partition("\n")[0]
        raise DatasetError(
            f"{path}: no table of pseudo-labels can be read: {reason}; label the pictures again"
        ) from error


def _check(path: Path, found: pa.Schema) -> None:
    expected = pseudo_schema()
    wrong = [each.name for each in expected if each.name not in found.names or found.field(each.name).type != each.type]
    version = (found.metadata or {}).get(VERSION_KEY)
    if wrong or version != VERSION:
        said = f"columns missing or of another type: {', '.join(wrong)}" if wrong else f"its version is {version!r}"
        raise DatasetError(f"{path}: no table of pseudo-labels ({said}); give one that `synthgen pseudo-label` wrote")


def _row(label: PseudoLabel) -> dict[str, Any]:
    scores = label.boxes.scores
    assert scores is not None, "boxes that were found have scores"
    boxes = zip(label.boxes.xyxy.tolist(), label.boxes.categories, scores.tolist(), strict=True)
    return {
        "image_id": label.image_id,
        "file": label.file,
        "picture_hash": label.picture_hash,
        "height": label.size[0],
        "width": label.size[1],
        "method": label.method,
        "params_json": label.params_json,
        "label": label.label,
        "heatmap": label.heatmap,
        "mask_rle": label.mask_rle,
        "boxes": [{"bbox": bbox, "category": category, "score": score} for bbox, category, score in boxes],
        "score": label.score,
        "valid": label.valid,
        "reason": label.reason,
    }


def _label(row: dict[str, Any]) -> PseudoLabel:
    boxes, size = row.pop("boxes"), (row.pop("height"), row.pop("width"))
    found = Boxes.of(
        [each["bbox"] for each in boxes], [each["category"] for each in boxes], [each["score"] for each in boxes]
    )
    return PseudoLabel(**{"heatmap": b"", **row}, size=size, boxes=found)
