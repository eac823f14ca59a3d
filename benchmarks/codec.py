"""Mask and image codecs: time and size of each encoder and decoder whose files every tool opens.

    python benchmarks/codec.py --foregrounds DIR --backgrounds DIR --json codec.json

Pictures are those a recipe renders; every mask must come back exactly.
"""

from __future__ import annotations

import argparse
import io
import json
import statistics
import tempfile
import time
import zlib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import simplejpeg
from PIL import Image
from rich.console import Console
from rich.table import Table

from synthgen.core.types import Sample
from synthgen.shards.codec import decode_mask
from synthgen.shards.grey_png import write_grey_png
from synthgen.studio import Studio, StudioConfig

ROOT = Path(__file__).resolve().parent.parent
NO_FILTER = (cv2.IMWRITE_PNG_FILTER, cv2.IMWRITE_PNG_FILTER_NONE)
Codec = tuple[Callable[[np.ndarray], bytes], Callable[[bytes], np.ndarray]]


def _cv2(pixels: np.ndarray, *parameters: int, suffix: str = ".png") -> bytes:
    return cv2.imencode(suffix, pixels, parameters)[1].tobytes()


def _cv2_read(data: bytes, flags: int = cv2.IMREAD_UNCHANGED) -> np.ndarray:
    pixels = cv2.imdecode(np.frombuffer(data, np.uint8), flags)
    assert pixels is not None
    return pixels


def _pillow(mask: np.ndarray, bits: int) -> bytes:
    stream, picture = io.BytesIO(), Image.fromarray(mask, "P")
    picture.putpalette([level for level in range(256) for _ in range(3)])
    picture.save(stream, "PNG", bits=bits, compress_level=1)
    return stream.getvalue()


def _pillow_read(data: bytes) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(data)))


MASKS: dict[str, Codec] = {
    "ours: zlib-ng, runs, no filter": (write_grey_png, decode_mask),
    "OpenCV, its own choice": (_cv2, _cv2_read),
    "OpenCV, level 1, no filter": (lambda mask: _cv2(mask, cv2.IMWRITE_PNG_COMPRESSION, 1, *NO_FILTER), _cv2_read),
    "OpenCV, level 6, no filter": (lambda mask: _cv2(mask, cv2.IMWRITE_PNG_COMPRESSION, 6, *NO_FILTER), _cv2_read),
    "Pillow, palette, 2 bits": (lambda mask: _pillow(mask, 2), _pillow_read),
    "Pillow, palette, 4 bits": (lambda mask: _pillow(mask, 4), _pillow_read),
    "Pillow, palette, 8 bits": (lambda mask: _pillow(mask, 8), _pillow_read),
    "no PNG: zlib of the pixels": (
        lambda mask: zlib.compress(mask, 1),
        lambda data: np.frombuffer(zlib.decompress(data), np.uint8),
    ),
}
IMAGES: dict[str, Codec] = {
    "ours: simplejpeg": (
        lambda image: simplejpeg.encode_jpeg(image, 90, "RGB", "420", fastdct=False),
        lambda data: simplejpeg.decode_jpeg(data, "RGB"),
    ),
    "OpenCV": (
        lambda image: _cv2(cv2.cvtColor(image, cv2.COLOR_RGB2BGR), cv2.IMWRITE_JPEG_QUALITY, 90, suffix=".jpg"),
        lambda data: _cv2_read(data, cv2.IMREAD_COLOR_RGB),
    ),
    "PNG, OpenCV, level 1": (lambda image: _cv2(image, cv2.IMWRITE_PNG_COMPRESSION, 1), _cv2_read),
}


def main() -> None:
    """Measure at each size; print tables, write JSON."""
    arguments = _arguments()
    cv2.setNumThreads(1)
    results: dict[str, Any] = {}
    with tempfile.TemporaryDirectory() as folder:
        for size in arguments.sizes:
            samples = _samples(size, Path(folder), arguments)
            masks, images = [sample.mask for sample in samples], [sample.image for sample in samples]
            for mask in masks:
                assert all(
                    np.array_equal(read(write(mask)).reshape(mask.shape), mask) for write, read in MASKS.values()
                )
            results[str(size)] = {
                "masks": _measured(MASKS, masks, arguments.rounds, f"Masks of {size}×{size}"),
                "images": _measured(IMAGES, images, arguments.rounds, f"Images of {size}×{size}, quality 90"),
            }
    if arguments.json:
        arguments.json.write_text(json.dumps(results, indent=2) + "\n")


def _samples(size: int, cache: Path, arguments: argparse.Namespace) -> list[Sample]:
    config = StudioConfig.model_validate(
        {
            "assets": {"foregrounds": arguments.foregrounds, "backgrounds": arguments.backgrounds},
            "size": [size, size],
            "samples": {"train": arguments.pictures},
        }
    )
    return list(Studio.open(config, cache).samples("train"))


def _measured(
    codecs: dict[str, Codec], pictures: Sequence[np.ndarray], rounds: int, title: str
) -> dict[str, dict[str, float]]:
    """Return milliseconds to write and to read a picture, and its bytes; rounds of all codecs alternate."""
    encoded = {name: [write(picture) for picture in pictures] for name, (write, _) in codecs.items()}
    spent: dict[tuple[str, str], list[float]] = {(name, way): [] for name in codecs for way in ("write", "read")}
    for _ in range(rounds):
        for name, (write, read) in codecs.items():
            spent[name, "write"].append(_seconds(write, pictures))
            spent[name, "read"].append(_seconds(read, encoded[name]))
    table, found = Table("codec", "write", "read", "bytes", title=title), {}
    for name in codecs:
        write_ms, read_ms = (statistics.median(spent[name, way]) / len(pictures) * 1e3 for way in ("write", "read"))
        size = sum(map(len, encoded[name])) / len(pictures)
        found[name] = {"write_ms": write_ms, "read_ms": read_ms, "bytes": size}
        table.add_row(name, f"{write_ms:.3f} ms", f"{read_ms:.3f} ms", f"{size:,.0f}")
    Console().print(table)
    return found


def _seconds(call: Callable[[Any], object], items: Sequence[Any]) -> float:
    start = time.perf_counter()
    for item in items:
        call(item)
    return time.perf_counter() - start


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--foregrounds", type=Path, default=ROOT / "foregrounds")
    parser.add_argument("--backgrounds", type=Path, default=ROOT / "backgrounds")
    parser.add_argument("--sizes", type=int, nargs="+", default=[256, 512])
    parser.add_argument("--pictures", type=int, default=100)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--json", type=Path)
    return parser.parse_args()


if __name__ == "__main__":
    main()
