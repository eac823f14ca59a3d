"""The library: every asset decoded once, premultiplied, with its mip levels, in one memory-mapped file.

Worker processes open the same file, so the pages are shared between them and the memory of a
worker does not grow with the number of assets. Level k is the picture reduced 2^k times by area
averaging (Williams 1983), in premultiplied alpha.
"""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any, BinaryIO

import cv2
import numpy as np

from synthgen.assets.catalog import Asset, Catalog
from synthgen.core.errors import AssetError
from synthgen.core.files import atomic_path, make_directory, write_atomic
from synthgen.core.pictures import read_background, read_foreground
from synthgen.core.types import RGB, RGBA

__all__ = ["Library", "build_library"]

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

    def foreground(self, asset_id: str) -> tuple[RGBA, ...]:
        """Return a cutout's levels, premultiplied RGBA uint8, level 0 at full size."""
        return self._levels("foreground", asset_id)

    def background(self, asset_id: str) -> tuple[RGB, ...]:
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
    """Decode all assets into `directory`/library-<digest>, unless they are there already; return that path."""
    path = directory / f"library-{catalog.digest[:12]}"
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
    pixels = read_foreground(asset.path)[0].astype(np.float32)
    pixels[:, :, :3] *= pixels[:, :, 3:] / np.float32(255.0)
    return _reduce(pixels, lambda height, width: max(height, width) >= 2 * SMALLEST["foreground"])


def _scene_levels(asset: Asset) -> list[np.ndarray]:
    pixels = read_background(asset.path)[0].astype(np.float32)
    return _reduce(pixels, lambda height, width: min(height, width) >= 2 * SMALLEST["background"])


def _reduce(pixels: np.ndarray, goes_on: Any) -> list[np.ndarray]:
    levels = [np.rint(pixels).astype(np.uint8)]
    while goes_on(*pixels.shape[:2]):
        size = (max(1, pixels.shape[1] // 2), max(1, pixels.shape[0] // 2))
        pixels = cv2.resize(pixels, size, interpolation=cv2.INTER_AREA)
        levels.append(np.rint(pixels).astype(np.uint8))
    return levels
