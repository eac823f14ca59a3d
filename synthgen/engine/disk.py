"""Whether the disk holds so many samples: asked before any work, and again when a few samples have been rendered."""

from __future__ import annotations

import shutil
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from synthgen.core.errors import OutputError
from synthgen.core.text import size_text
from synthgen.core.types import SPLITS
from synthgen.engine.settings import GenerationConfig
from synthgen.shards.codec import ImageCodec, encode_row
from synthgen.shards.manifest import ShardEntry
from synthgen.studio import Studio

__all__ = ["estimated", "free_bytes", "require_room"]

LEAST = 256  # bytes of a row: no encoded picture, mask and scene are smaller
TRIED = 4  # samples of a split that are rendered for an estimate


def require_room(
    output: Path, config: GenerationConfig, done: Mapping[str, ShardEntry] | None = None, row_bytes: float = LEAST
) -> None:
    """Refuse samples that the disk of `output` cannot hold at `row_bytes` each, apart from those that are done.

    Raises:
        OutputError: The disk is too small; the message names what is needed and what is free.
    """
    rows = sum(map(config.samples.of, SPLITS)) - sum(entry.rows for entry in (done or {}).values())
    free = free_bytes(output)
    if rows * row_bytes > free:
        raise OutputError(
            f"{output}: {rows:,} samples need about {size_text(rows * row_bytes)}, and {size_text(free)} are free; "
            "lower samples, or choose another --output"
        )


def estimated(studio: Studio, codec: ImageCodec) -> float:
    """Return the mean size of a row in bytes, from the first samples of each split."""
    sizes = list[int]()
    for split in studio.casts:
        for index in range(min(TRIED, studio.config.samples.of(split))):
            row: dict[str, Any] = encode_row(studio.sample(split, index), codec)
            pictures = len(row["image"]["bytes"]) + len(row["mask"]["bytes"])
            sizes.append(pictures + len(zlib.compress(row["scene"].encode())))
    return sum(sizes) / len(sizes)


def free_bytes(output: Path) -> int:
    """Return the free bytes of the disk that `output` lies on, or will lie on.

    Raises:
        OutputError: It lies on none.
    """
    for folder in (output, *output.absolute().parents):
        if folder.exists():
            return shutil.disk_usage(folder).free
    raise OutputError(f"{output}: lies on no disk; choose another --output")
