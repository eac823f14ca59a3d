"""The library: every asset decoded once, premultiplied, with its mip levels, in one memory-mapped file.

Worker processes open the same file, so the pages are shared between them and the memory of a
worker does not grow with the number of assets. Level k is the picture reduced 2^k times by area
averaging (Williams 1983) of premultiplied linear light, and stored as premultiplied sRGB codes.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any, BinaryIO

import cv2
import numpy as np

from synthgen.assets.catalog import Asset, Catalog
from synthgen.core.errors import AssetError
from synthgen.core.files import atomic_path, make_directory, write_atomic
from synthgen.core.pictures import read_background, read_foreground
from synthgen.core.types import RGBA, AnyRGB, AnyRGBA
from synthgen.ops.premultiplied import pack
from synthgen.ops.srgb import decode_srgb, encode_srgb

__all__ = ["Library", "build_library"]

VERSION = 1  # of the levels; another one is built anew
PIXELS, INDEX = "pixels.bin", "index.json"
SMALLEST = {"foreground": 16, "background": 64}  # pixels: long side of the last cutout level, short side of a scene's


class Library:
    """Read-only views of the assets' mip levels."""

    def __init__(self, path: Path, index: dict[str, Any]) -> None:
        """Map the pixels; use `open`."""
        self._path = path
        self._index = index
        self._pixels = np.asarray(np.memmap(path / PIXELS, dtype=np.uint8, mode="r"))
        self._views: dict[tuple[str, str], tuple[np.ndarray, ...]] = {}

    @classmethod
    def open(cls, path: Path) -> Library:
        """Open what `build_library` wrote.

        Raises:
            AssetError: There is no complete library at `path`.
        """
        try:
            return cls(path, json.loads((path / INDEX).read_text()))
        except (OSError, ValueError) as error:
            raise AssetError(f"{path}: no complete library ({error}); delete the folder and generate again") from error

    def foreground(self, asset_id: str) -> tuple[AnyRGBA, ...]:
        """Return a cutout's levels, premultiplied RGBA uint8, level 0 at full size."""
        return self._levels("foreground", asset_id)

    def background(self, asset_id: str) -> tuple[AnyRGB, ...]:
        """Return a scene's levels, RGB uint8, level 0 at full size."""
        return self._levels("background", asset_id)

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle as a path: the pixels stay in the file."""
        return (Library.open, (self._path,))

    def _levels(self, kind: str, asset_id: str) -> tuple[np.ndarray, ...]:
        if (kind, asset_id) not in self._views:
            self._views[kind, asset_id] = tuple(
                self._pixels[start : start + math.prod(shape)].reshape(shape)
                for start, shape in self._places(kind, asset_id)
            )
        return self._views[kind, asset_id]

    def _places(self, kind: str, asset_id: str) -> Any:
        try:
            return self._index[kind][asset_id]
        except KeyError:
            raise AssetError(f"{self._path}: no {kind} {asset_id!r}; the assets have changed: generate again") from None


def build_library(catalog: Catalog, directory: Path) -> Path:
    """Decode all assets into a folder of `directory`, unless they lie there already; return that folder."""
    path = directory / f"library-{VERSION}-{catalog.digest[:12]}"
    if (path / INDEX).is_file():
        return path
    make_directory(path)
    index: dict[str, Any] = {"foreground": {}, "background": {}}
    with atomic_path(path / PIXELS) as temporary, temporary.open("wb") as stream:
        for asset in catalog.foregrounds:
            index["foreground"][asset.id] = _append(stream, _cutout_levels(asset))
        for asset in catalog.backgrounds:
            index["background"][asset.id] = _append(stream, _scene_levels(asset))
    write_atomic(path / INDEX, json.dumps(index).encode())
    return path


def _append(stream: BinaryIO, levels: list[np.ndarray]) -> list[tuple[int, tuple[int, ...]]]:
    places = []
    for level in levels:
        places.append((stream.tell(), level.shape))
        stream.write(level.tobytes())
    return places


def _cutout_levels(asset: Asset) -> list[np.ndarray]:
    pixels = read_foreground(asset.path)[0]
    alpha = pixels[:, :, 3:] * np.float32(1 / 255)
    light = np.concatenate([decode_srgb(pixels[:, :, :3]) * alpha, alpha], axis=2)
    return [_cutout_codes(level) for level in _reduce(light, max, SMALLEST["foreground"])]


def _scene_levels(asset: Asset) -> list[np.ndarray]:
    light = decode_srgb(read_background(asset.path)[0])
    return [encode_srgb(level) for level in _reduce(light, min, SMALLEST["background"])]


def _reduce(light: np.ndarray, side: Callable[[int, int], int], smallest: int) -> list[np.ndarray]:
    """Halve by area averaging as long as `side` of the result is at least `smallest`."""
    levels = [light]
    while side(*levels[-1].shape[:2]) >= 2 * smallest:
        height, width = levels[-1].shape[:2]
        size = (max(1, width // 2), max(1, height // 2))
        levels.append(cv2.resize(levels[-1], size, interpolation=cv2.INTER_AREA))
    return levels


def _cutout_codes(light: np.ndarray) -> RGBA:
    """Turn premultiplied light into premultiplied sRGB codes."""
    alpha = light[:, :, 3]
    straight = light[:, :, :3] / np.maximum(alpha, np.float32(1e-6))[:, :, None]
    return pack(encode_srgb(straight).astype(np.float32), np.rint(alpha * np.float32(255)))
