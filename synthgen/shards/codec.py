"""From a sample to a row and back: the one place where pixels become bytes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import partial
from typing import Any, Literal

import cv2
import numpy as np
import simplejpeg
import xxhash
from pydantic import Field

from synthgen.core.config import Model
from synthgen.core.errors import DatasetError
from synthgen.core.paths import LocalPath
from synthgen.core.picture import Boxes, EncodedPicture, Truth
from synthgen.core.pictures import encode_jpeg
from synthgen.core.truth import ignored_region, label_of
from synthgen.core.types import RGB, Box, Coverage, HiddenInstance, Instance, InstanceMask, Sample
from synthgen.shards.grey_png import read_grey_png, write_grey_png

__all__ = [
    "ImageCodec",
    "OutputConfig",
    "decode_hidden",
    "decode_image",
    "decode_instances",
    "decode_mask",
    "decode_row",
    "decode_truth",
    "encode_row",
    "pixel_hash",
]

JPEG_START = 0xFF
IMAGE_PNG = (cv2.IMWRITE_PNG_COMPRESSION, 6)
SUFFIXES = {"jpeg": ".jpg", "png": ".png"}


class ImageCodec(Model):
    """How images are stored; masks are PNG always.

    Attributes:
        codec: "jpeg" (small) or "png" (lossless).
        quality: Of JPEG; PNG ignores it.
    """

    codec: Literal["jpeg", "png"] = "jpeg"
    quality: int = Field(default=90, ge=1, le=100)


class OutputConfig(Model):
    """The section `output` of pipeline.yaml.

    Attributes:
        path: Folder of the run.
        shard_rows: Rows in a full Parquet file; changes no row.
        image: How images are stored; masks are PNG always.
    """

    path: LocalPath
    shard_rows: int = Field(default=1000, ge=1, le=1_000_000)
    image: ImageCodec = ImageCodec()


def encode_row(sample: Sample, codec: ImageCodec) -> dict[str, object]:
    """Return the row of `shard_schema` that stores `sample`; the same sample gives the same row.

    Raises:
        DatasetError: OpenCV cannot encode the image or the mask.
    """
    height, width = sample.mask.shape
    return {
        "index": int(sample.index),
        "sample_id": sample.sample_id,
        "split": sample.split,
        "image": {"bytes": _encode_image(sample.image, codec), "path": sample.sample_id + SUFFIXES[codec.codec]},
        "mask": {"bytes": write_grey_png(sample.mask), "path": f"{sample.sample_id}-mask.png"},
        "height": int(height),
        "width": int(width),
        "label": sample.label,
        "background_id": sample.background_id,
        "scene_id": sample.scene_id,
        "unlabelled": int(sample.unlabelled),
        "unplaced": int(sample.unplaced),
        "instances": [_encode_instance(instance) for instance in sample.instances],
        "scene": sample.scene,
        "pixel_hash": pixel_hash(sample.image),
        "hidden": [_encode_hidden(instance) for instance in sample.hidden],
        "sequence_id": sample.sequence_id,
        "frame": sample.frame,
        "tracks": None if sample.sequence_id is None else [instance.track for instance in sample.instances],
    }


def decode_row(row: Mapping[str, Any]) -> EncodedPicture:
    """Return the picture that a row stores; image and truth are decoded when they are first asked for.

    The row has `sample_id`, `scene_id`, `height`, `width` and `image`; its other columns are what its truth knows.
    """
    data = row["image"]["bytes"]
    return EncodedPicture(
        name=row["sample_id"],
        group=row["scene_id"],
        size=(row["height"], row["width"]),
        data=data,
        read_image=partial(decode_image, data),
        read_truth=partial(decode_truth, row),
    )


def decode_truth(row: Mapping[str, Any]) -> Truth:
    """Return what the columns of a row, all or some, say is true.

    The mask comes from `mask`, boxes from `instances`, the label from `label` and `unlabelled`, and the ignored
    region from `mask` and `hidden`. A part whose columns are absent is absent, and so is the ignored region of
    a row that was written before there was a column `hidden`.

    Raises:
        DatasetError: The mask, or a hidden target's, does not decode.
    """
    mask = decode_mask(row["mask"]["bytes"]) if "mask" in row else None
    hidden = row.get("hidden")
    return Truth(
        mask=mask,
        boxes=_decode_boxes(row["instances"]) if "instances" in row else None,
        label=label_of(visible=row["label"] > 0, unlabelled=row.get("unlabelled", 0)) if "label" in row else None,
        ignore=_decode_ignored(hidden, mask) if hidden and mask is not None else None,
    )


def decode_image(data: bytes | memoryview, out: RGB | None = None) -> RGB:
    """Decode the bytes of an image cell to RGB uint8 (height, width, 3), into `out` where given.

    Raises:
        DatasetError: The bytes are no picture, or not one of the size of `out`.
    """
    jpeg = len(data) > 1 and data[0] == JPEG_START
    image = _decode_jpeg(data, out) if jpeg else _decode(data, cv2.IMREAD_COLOR_RGB, "image")
    if out is None:
        return image
    if image.shape != out.shape:
        raise DatasetError(f"image has shape {image.shape}, expected {out.shape}; run `synthgen verify` on the dataset")
    if not jpeg:
        out[:] = image
    return out


def decode_mask(data: bytes | memoryview) -> InstanceMask:
    """Decode the bytes of a mask cell to uint8 (height, width), pixel = instance number.

    Raises:
        DatasetError: The bytes are no picture, or not one of 8-bit grey.
    """
    try:
        mask = read_grey_png(data)
    except ValueError as error:
        raise _undecodable("mask", data, str(error)) from error
    if mask is None:  # written by another tool
        mask = _decode(data, cv2.IMREAD_UNCHANGED, "mask")
    if mask.ndim != 2 or mask.dtype != np.uint8:
        raise DatasetError(
            f"mask has shape {mask.shape} and type {mask.dtype}; expected 8-bit grey (height, width): "
            "generate the dataset again"
        )
    return mask


def decode_instances(row: Mapping[str, Any]) -> tuple[Instance, ...]:
    """Return the instances that the columns `instances` and, where it is there, `tracks` of a row store."""
    stored = row["instances"]
    tracks = row.get("tracks") or [None] * len(stored)
    boxes = ("bbox", "amodal_bbox")
    return tuple(
        Instance(**{**values, **{name: _box(values[name]) for name in boxes}, "track": track})
        for values, track in zip(stored, tracks, strict=True)
    )


def decode_hidden(values: Mapping[str, Any]) -> HiddenInstance:
    """Return the hidden target that an entry of the column `hidden` stores."""
    return HiddenInstance(values["category"], _box(values["amodal_bbox"]), values["amodal_rle"], values["visibility"])


def pixel_hash(image: RGB) -> str:
    """Return the 128-bit XXH3 hash of an image's shape and pixels, as hexadecimal: finds change, not forgery."""
    digest = xxhash.xxh3_128("x".join(map(str, image.shape)).encode())
    digest.update(np.ascontiguousarray(image).data)
    return digest.hexdigest()


def _encode_instance(instance: Instance) -> dict[str, object]:
    return {
        "number": int(instance.number),
        "category": instance.category,
        "foreground_id": instance.foreground_id,
        "bbox": _floats(instance.bbox),
        "area": int(instance.area),
        "amodal_bbox": _floats(instance.amodal_bbox),
        "amodal_area": int(instance.amodal_area),
        "amodal_rle": instance.amodal_rle,
        "visibility": float(np.float32(instance.visibility)),
        "occlusion": float(np.float32(instance.occlusion)),
        "truncation": float(np.float32(instance.truncation)),
    }


def _encode_hidden(instance: HiddenInstance) -> dict[str, object]:
    return {
        "category": instance.category,
        "amodal_bbox": _floats(instance.amodal_bbox),
        "amodal_rle": instance.amodal_rle,
        "visibility": float(np.float32(instance.visibility)),
    }


def _decode_boxes(instances: list[dict[str, Any]]) -> Boxes:
    seen = [instance for instance in instances if instance["area"] > 0]
    return Boxes.of(
        [instance["bbox"] for instance in seen],
        [instance["category"] for instance in seen],
        numbers=[instance["number"] for instance in seen],
    )


def _decode_ignored(hidden: list[dict[str, Any]], mask: InstanceMask) -> Coverage | None:
    try:
        return ignored_region((decode_hidden(instance) for instance in hidden), mask)
    except ValueError as error:
        raise DatasetError(f"hidden target does not decode: {error}; run `synthgen verify` on the dataset") from error


def _box(values: Iterable[float]) -> Box:
    x0, y0, x1, y1 = (int(value) for value in values)
    return (x0, y0, x1, y1)


def _floats(box: Box) -> list[float]:
    return [float(np.float32(value)) for value in box]


def _encode_image(image: RGB, codec: ImageCodec) -> bytes:
    if codec.codec == "jpeg":
        return encode_jpeg(image, codec.quality)
    done, png = cv2.imencode(".png", cv2.cvtColor(image, cv2.COLOR_RGB2BGR), IMAGE_PNG)
    if not done:
        raise DatasetError(f"cannot encode an array of shape {image.shape} as PNG; check the sample's size")
    return png.tobytes()


def _decode_jpeg(data: bytes | memoryview, out: RGB | None) -> RGB:
    try:
        image: RGB = simplejpeg.decode_jpeg(data, "RGB", buffer=out)
    except ValueError as error:
        raise _undecodable("image", data, str(error)) from error
    return image


def _decode(data: bytes | memoryview, flags: int, noun: str) -> np.ndarray:
    pixels = cv2.imdecode(np.frombuffer(data, np.uint8), flags) if len(data) else None
    if pixels is None:
        raise _undecodable(noun, data, "expected JPEG or PNG")
    return pixels


def _undecodable(noun: str, data: bytes | memoryview, reason: str) -> DatasetError:
    return DatasetError(
        f"{noun} cell of {len(data)} bytes does not decode: {reason}; run `synthgen verify` on the dataset"
    )
