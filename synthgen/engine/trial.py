"""A few samples of a config, rendered and written into a temporary folder, and how long that took."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import TypeVar

import pyarrow.parquet as pq

from synthgen.assets.catalog import Asset, Catalog
from synthgen.core.types import SPLITS, Sample, Split
from synthgen.engine.settings import GenerationConfig
from synthgen.engine.threads import one_thread
from synthgen.shards.codec import ImageCodec
from synthgen.shards.manifest import shard_file
from synthgen.shards.writer import put_shard
from synthgen.storage import LocalStore
from synthgen.studio import Studio

__all__ = ["TRIED", "Trial", "shares_of", "try_out"]

TRIED = 32  # samples

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Trial:
    """What was rendered, and what it cost.

    Attributes:
        samples: As they would lie in the dataset, before their images are encoded.
        intake: Seconds to open every file once.
        decoding: Seconds to decode all assets, extrapolated by pixels from those that the samples show.
        start: Seconds until a process has imported what renders samples.
        each: Seconds to plan, render, encode and write one sample, on one core.
        row_bytes: Of one row.
        group_bytes: What a file holds beside rows, for each of its row groups.
    """

    samples: tuple[Sample, ...]
    intake: float
    decoding: float
    start: float
    each: float
    row_bytes: float
    group_bytes: float


def try_out(config: GenerationConfig, count: int = TRIED) -> Trial:
    """Render the first samples of each split, `count` in all, write them, and throw the files away.

    Raises:
        AssetError: No usable asset for a split.
        PlacementError: A scene cannot be planned.
    """
    shares = shares_of({split: config.samples.of(split) for split in SPLITS}, count)
    samples = list[Sample]()
    with TemporaryDirectory() as place, one_thread():
        folder = Path(place)
        studio, intake = _timed(lambda: Studio.open(config, folder))
        scenes = [studio.scene(split, index) for split, number in shares.items() for index in range(number)]
        few = studio.only_for(scenes, folder)
        _, decoding = _timed(lambda: few.library)
        few.render(scenes[0])  # compiles, or loads, the loops over pixels
        _, seconds = _timed(lambda: _write(few, shares, folder, config.output.image, samples))
        rows, beside = _sizes(folder)
    return Trial(
        samples=tuple(samples),
        intake=intake,
        decoding=decoding * _pixels(studio.catalog) / _pixels(few.catalog),
        start=_timed(_import_all)[1],
        each=seconds / len(samples),
        row_bytes=rows / len(samples),
        group_bytes=beside / len(shares),
    )


def shares_of(counts: dict[Split, int], count: int) -> dict[Split, int]:
    """Deal `count` samples to the splits in proportion: at least one to each that has some, and no more than it has."""
    total = sum(counts.values())
    return {split: min(own, max(1, round(count * own / total))) for split, own in counts.items() if own}


def _write(studio: Studio, shares: dict[Split, int], folder: Path, codec: ImageCodec, samples: list[Sample]) -> None:
    """Write a shard of each split, and keep the samples."""

    def kept(split: Split, number: int) -> Iterator[Sample]:
        for index in range(number):
            samples.append(studio.sample(split, index))
            yield samples[-1]

    for split, number in shares.items():
        put_shard(LocalStore(folder), shard_file(split, 0), kept(split, number), codec)


def _sizes(folder: Path) -> tuple[int, int]:
    """Return the bytes of all rows, and of what the files hold beside them."""
    rows, whole = 0, 0
    for path in folder.glob("*.parquet"):
        metadata = pq.read_metadata(path)
        groups = [metadata.row_group(number) for number in range(metadata.num_row_groups)]
        rows += sum(
            group.column(number).total_compressed_size for group in groups for number in range(group.num_columns)
        )
        whole += path.stat().st_size
    return rows, whole - rows


def _pixels(catalog: Catalog) -> int:
    assets: tuple[Asset, ...] = (*catalog.foregrounds, *catalog.backgrounds)
    return sum(asset.height * asset.width for asset in assets)


def _import_all() -> None:
    subprocess.run([sys.executable, "-c", "import synthgen.engine"], check=False, capture_output=True)


def _timed(work: Callable[[], T]) -> tuple[T, float]:
    before = perf_counter()
    done = work()
    return done, perf_counter() - before
