"""From a sample to a row and back: the one place where pixels become bytes."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Literal

import cv2
import numpy as np
from pydantic import Field

from synthgen.core.errors import DatasetError
from synthgen.core.paths import LocalPath
from synthgen.core.ranges import Model
from synthgen.core.types import RGB, Box, Instance, InstanceMask, Sample

__all__ = ["ImageCodec", "OutputConfig", "decode_image", "decode_mask", "encode_row", "pixel_hash"]

# Without a filter masks are written six times as fast as with OpenCV's own choice, and read faster too; level 6 would
# halve them, from 1.2 to 0.65 kB at 256×256, and take three times as long.
MASK_PNG = (cv2.IMWRITE_PNG_COMPRESSION, 1, cv2.IMWRITE_PNG_FILTER, cv2.IMWRITE_PNG_FILTER_NONE)
IMAGE_PNG = (cv2.IMWRITE_PNG_COMPRESSION, 6)
SUFFIXES = {"jpeg": ".jpg", "png": ".png"}


class ImageCodec(Model):
    """How images are stored; masks are PNG always.

    Attributes:
        codec: "jpeg" (small) or "png" (lossless).
        quality: JPEG quality, 1–100; PNG ignores it.
    """

    codec: Literal["jpeg", "png"] = "jpeg"
    quality: int = Field(default=90, ge=1, le=100)


class OutputConfig(Model):
    """The section `output` of pipeline.yaml.

    Attributes:
        path: Directory of the run.
        shard_rows: Rows in a full shard, at least 1.
        image: How images are stored.
    """

    path: LocalPath
    shard_rows: int = Field(default=1000, ge=1)
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
        "mask": {"bytes": _encode(".png", sample.mask, MASK_PNG), "path": f"{sample.sample_id}-mask.png"},
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
    }


def decode_image(data: bytes) -> RGB:
    """Decode the bytes of an image cell to RGB uint8 (height, width, 3).

    Raises:
        DatasetError: The bytes are no picture.
    """
    return cv2.cvtColor(_decode(data, cv2.IMREAD_COLOR, "image"), cv2.COLOR_BGR2RGB).astype(np.uint8, copy=False)


def decode_mask(data: bytes) -> InstanceMask:
    """Decode the bytes of a mask cell to uint8 (height, width), pixel = instance number.

    Raises:
        DatasetError: The bytes are no picture, or not one of 8-bit grey.
    """
    mask = _decode(data, cv2.IMREAD_UNCHANGED, "mask")
    if mask.ndim != 2 or mask.dtype != np.uint8:
        raise DatasetError(
            f"mask has shape {mask.shape} and type {mask.dtype}; expected 8-bit grey (height, width): "
            "generate the dataset again"
        )
    return mask


def pixel_hash(image: RGB) -> str:
    """Return the SHA-256 of an image's shape and pixels, as hexadecimal."""
    digest = hashlib.sha256("x".join(map(str, image.shape)).encode())
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


def _floats(box: Box) -> list[float]:
    return [float(np.float32(value)) for value in box]


def _encode_image(image: RGB, codec: ImageCodec) -> bytes:
    bgr = cv2.cvtColor(image, cv2.COLOR_RGB2BGR)
    if codec.codec == "png":
        return _encode(".png", bgr, IMAGE_PNG)
    return _encode(".jpg", bgr, (cv2.IMWRITE_JPEG_QUALITY, codec.quality))


def _encode(suffix: str, pixels: np.ndarray, parameters: Sequence[int]) -> bytes:
    done, data = cv2.imencode(suffix, pixels, parameters)
    if not done:
        raise DatasetError(f"cannot encode an array of shape {pixels.shape} as {suffix}; check the sample's size")
    return data.tobytes()


def _decode(data: bytes, flags: int, noun: str) -> np.ndarray:
    pixels = cv2.imdecode(np.frombuffer(data, np.uint8), flags) if data else None
    if pixels is None:
        raise DatasetError(
            f"{noun} cell of {len(data)} bytes does not decode; expected JPEG or PNG: "
            "run `synthgen verify` on the dataset"
        )
    return pixels
