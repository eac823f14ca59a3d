"""The columns of a shard, and the metadata by which Hugging Face `datasets` shows its pictures."""

from __future__ import annotations

import json

import pyarrow as pa

__all__ = ["PIXEL_COLUMNS", "READABLE_VERSIONS", "SCHEMA_VERSION", "YOUNGER_COLUMNS", "shard_schema"]

SCHEMA_VERSION = 4

READABLE_VERSIONS = (2, 3, SCHEMA_VERSION)
"""Datasets of these versions open."""

YOUNGER_COLUMNS = ("hidden", "sequence_id", "frame", "tracks")
"""Columns that version 2, and but for `hidden` version 3, lacks; readers give null there.

They come last, so that shards of both can be joined. Pictures that are no frames have null in the last three.
"""

PIXEL_COLUMNS = ("image", "mask")
"""Columns of already compressed pictures."""


def shard_schema() -> pa.Schema:
    """Return the schema of every shard: the row, the schema version and the `datasets` features."""
    metadata = {
        b"huggingface": json.dumps({"info": {"features": _features()}}, separators=(",", ":")).encode(),
        b"synthgen.schema_version": str(SCHEMA_VERSION).encode(),
    }
    return pa.schema(list(_fields().items()), metadata=metadata)


def _fields() -> dict[str, pa.DataType]:
    picture = pa.struct([("bytes", pa.binary()), ("path", pa.string())])
    return {
        "index": pa.int64(),
        "sample_id": pa.string(),
        "split": pa.string(),
        "image": picture,
        "mask": picture,
        "height": pa.int32(),
        "width": pa.int32(),
        "label": pa.int8(),
        "background_id": pa.string(),
        "scene_id": pa.string(),
        "unlabelled": pa.int16(),
        "unplaced": pa.int16(),
        "instances": pa.list_(pa.struct(list(_instance_fields().items()))),
        "scene": pa.string(),
        "pixel_hash": pa.string(),
        "hidden": pa.list_(pa.struct(list(_hidden_fields().items()))),
        "sequence_id": pa.string(),
        "frame": pa.int32(),
        "tracks": pa.list_(pa.int16()),  # of the instances, in their order
    }


def _instance_fields() -> dict[str, pa.DataType]:
    box = pa.list_(pa.float32(), 4)
    return {
        "number": pa.uint8(),
        "category": pa.string(),
        "foreground_id": pa.string(),
        "bbox": box,
        "area": pa.int32(),
        "amodal_bbox": box,
        "amodal_area": pa.int32(),
        "amodal_rle": pa.binary(),
        "visibility": pa.float32(),
        "occlusion": pa.float32(),
        "truncation": pa.float32(),
    }


def _hidden_fields() -> dict[str, pa.DataType]:
    return {
        "category": pa.string(),
        "amodal_bbox": pa.list_(pa.float32(), 4),
        "amodal_rle": pa.binary(),
        "visibility": pa.float32(),
    }


def _features() -> dict[str, object]:
    """Spell the schema in the JSON that `datasets` 2, 3 and 4 all read."""
    return {name: {"_type": "Image"} if name in PIXEL_COLUMNS else _feature(kind) for name, kind in _fields().items()}


def _feature(kind: pa.DataType) -> object:
    if pa.types.is_fixed_size_list(kind):
        return {"feature": _feature(kind.value_type), "length": kind.list_size, "_type": "Sequence"}
    if pa.types.is_list(kind) and not pa.types.is_struct(kind.value_type):
        return [_feature(kind.value_type)]
    if pa.types.is_list(kind):
        return [{field.name: _feature(field.type) for field in kind.value_type}]
    names = {"float": "float32"}
    return {"dtype": names.get(str(kind), str(kind)), "_type": "Value"}
