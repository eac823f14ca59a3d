"""The engine: one Dask task renders one shard; a run that died continues where it stopped.

Everything that decides a dataset's content is in `GenerationConfig`; worker count, scheduler and
shard size decide only how it is made (law 1).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import cv2
from dask.distributed import Client, LocalCluster, as_completed
from pydantic import Field, model_validator
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from synthgen.assets.catalog import AssetsConfig, Catalog
from synthgen.assets.intake import load_catalog
from synthgen.assets.library import Library, build_library
from synthgen.core.errors import ConfigError, DatasetError, OutputError, SynthgenError
from synthgen.core.files import make_directory, write_atomic
from synthgen.core.ranges import Model
from synthgen.core.types import SPLITS, Sample, Size, Split
from synthgen.render.compositor import render_scene
from synthgen.scene.plan import Cast, plan_scene
from synthgen.scene.recipe import Recipe
from synthgen.scene.scene import SCENE_VERSION, Scene
from synthgen.shards.codec import OutputConfig, pixel_hash
from synthgen.shards.manifest import Manifest, ShardEntry, shard_file, write_manifest
from synthgen.shards.reader import ShardDataset
from synthgen.shards.resume import claim, finished, remove_leftovers
from synthgen.shards.writer import write_shard

__all__ = ["EngineConfig", "GenerationConfig", "Replay", "SampleCounts", "generate", "replay"]

LIBRARY_FOLDER = ".assets"
PREFLIGHT_SCENES = 16  # scenes planned per split before any worker starts, so that impossible recipes fail at once


class EngineConfig(Model):
    """Where shards are rendered.

    Attributes:
        kind: "local": worker processes on this machine. "scheduler": a running Dask scheduler,
            whose workers see the same file system.
        workers: Processes of the local cluster.
        scheduler: Address such as tcp://10.0.0.5:8786, with kind "scheduler".
    """

    kind: Literal["local", "scheduler"] = "local"
    workers: int = Field(default=2, ge=1, le=1024)
    scheduler: str | None = None

    @model_validator(mode="after")
    def _complete(self) -> EngineConfig:
        if (self.kind == "scheduler") != (self.scheduler is not None):
            raise ValueError("kind: scheduler goes with an address in scheduler, and only with it")
        return self


class SampleCounts(Model):
    """Samples per split."""

    train: int = Field(default=0, ge=0)
    val: int = Field(default=0, ge=0)
    test: int = Field(default=0, ge=0)

    @model_validator(mode="after")
    def _some(self) -> SampleCounts:
        if self.train + self.val + self.test == 0:
            raise ValueError("all counts are 0, so there is nothing to generate; set at least samples.train")
        return self


class GenerationConfig(Model):
    """All that `generate` needs; the sections of pipeline.yaml above training.

    Attributes:
        seed: Any whole number from 0; 0 is a seed.
        assets: Folders of cutouts and scenes, and the shares of the splits.
        size: (height, width) of the samples in pixels.
        samples: Samples per split.
        recipe: How cutouts and scenes may meet.
        output: Where the shards go, and how they are encoded.
        engine: Where they are rendered.
    """

    seed: int = Field(default=0, ge=0)
    assets: AssetsConfig
    size: Size
    samples: SampleCounts
    recipe: Recipe = Recipe()
    output: OutputConfig
    engine: EngineConfig = EngineConfig()

    @model_validator(mode="after")
    def _drawable(self) -> GenerationConfig:
        for name, side in zip(("height", "width"), self.size, strict=True):
            if not 16 <= side <= 8192:
                raise ValueError(f"size: {name} {side} is not within 16–8192 pixels")
        return self


@dataclass(frozen=True, slots=True)
class ShardJob:
    """One task: `rows` samples of a split from `first` on, into `file`."""

    split: Split
    number: int
    first: int
    rows: int

    @property
    def file(self) -> str:
        """Name of the shard, e.g. "train-00003.parquet"."""
        return shard_file(self.split, self.number)


@dataclass(frozen=True, slots=True)
class Workshop:
    """What every task of a run shares; sent to each worker once."""

    config: GenerationConfig
    casts: dict[Split, Cast]
    library: Path
    output: Path

    def samples(self, job: ShardJob, library: Library) -> Iterator[Sample]:
        """Plan and render the job's samples one by one."""
        config = self.config
        for index in range(job.first, job.first + job.rows):
            scene = plan_scene(config.recipe, self.casts[job.split], size=config.size, seed=config.seed, index=index)
            yield render_scene(scene, library)


@dataclass(frozen=True, slots=True, eq=False)
class Replay:
    """A row rendered again from its stored scene."""

    sample: Sample
    stored_hash: str
    hash: str

    @property
    def matches(self) -> bool:
        """Whether the pixels are the ones that were stored."""
        return self.hash == self.stored_hash


def generate(config: GenerationConfig, output: Path, *, console: Console) -> Manifest:
    """Generate the dataset into `output`, or continue it; the manifest is written last.

    Raises:
        AssetError: No usable asset for a split.
        PlacementError: A scene cannot be planned.
        DatasetError: `output` holds a dataset of another recipe or other assets.
        OutputError: `output` cannot be written.
    """
    catalog = load_catalog(config.assets)
    casts = {split: Cast.of(catalog, split, config.assets.splits) for split in SPLITS if _count(config, split)}
    _preflight(config, casts)
    make_directory(output)
    identity = _identity(config, catalog)
    claim(output, _digest(identity), config.output.shard_rows, identity)
    _keep_findings(catalog, output, console)
    library = build_library(catalog, make_directory(output / LIBRARY_FOLDER))
    workshop = Workshop(config, casts, library, output)
    jobs = [job for split in casts for job in _jobs(split, _count(config, split), config.output.shard_rows)]
    entries = _render(workshop, jobs, console)
    remove_leftovers(output, {job.file for job in jobs})
    manifest = Manifest(
        fingerprint=_digest(identity),
        seed=config.seed,
        size=config.size,
        pipeline=config.model_dump(mode="json"),
        assets_digest=catalog.digest,
        categories=sorted({asset.category for asset in catalog.foregrounds if asset.role == "target"}),
        shards=[entries[job.file] for job in jobs],
        foreground_groups={asset.id: asset.group for asset in catalog.foregrounds},
        background_groups={asset.id: asset.group for asset in catalog.backgrounds},
    )
    write_manifest(output, manifest)
    return manifest


def replay(dataset: Path, split: Split, index: int) -> Replay:
    """Render one row again from its stored scene and compare the pixels.

    Raises:
        DatasetError: There is no such row, or the assets have changed since.
    """
    shards = ShardDataset.open(dataset)
    row = shards.row(split, index)
    sample = render_scene(Scene.from_json(row["scene"]), _library_of(shards, dataset))
    return Replay(sample, row["pixel_hash"], pixel_hash(sample.image))


def _library_of(shards: ShardDataset, dataset: Path) -> Library:
    config = GenerationConfig.model_validate(
        {name: shards.manifest.pipeline[name] for name in GenerationConfig.model_fields}
    )
    catalog = load_catalog(config.assets)
    if catalog.digest != shards.manifest.assets_digest:
        raise DatasetError(
            f"{dataset}: the assets in {config.assets.foregrounds} and {config.assets.backgrounds} have changed "
            f"since this dataset was made; restore them to replay its rows"
        )
    return Library.open(build_library(catalog, make_directory(dataset / LIBRARY_FOLDER)))


def _count(config: GenerationConfig, split: Split) -> int:
    count: int = getattr(config.samples, split)
    return count


def _jobs(split: Split, samples: int, shard_rows: int) -> list[ShardJob]:
    return [
        ShardJob(split, number, first, min(shard_rows, samples - first))
        for number, first in enumerate(range(0, samples, shard_rows))
    ]


def _preflight(config: GenerationConfig, casts: dict[Split, Cast]) -> None:
    for split, cast in casts.items():
        for index in range(min(PREFLIGHT_SCENES, _count(config, split))):
            plan_scene(config.recipe, cast, size=config.size, seed=config.seed, index=index)


def _identity(config: GenerationConfig, catalog: Catalog) -> dict[str, str]:
    """Everything that decides a sample's bytes; counts and shard size are not part of it."""
    return {
        "scene version": str(SCENE_VERSION),
        "seed": str(config.seed),
        "size": f"{config.size[0]}x{config.size[1]}",
        "recipe": config.recipe.model_dump_json(),
        "splits": config.assets.splits.model_dump_json(),
        "image": config.output.image.model_dump_json(),
        "assets": catalog.digest,
    }


def _digest(identity: dict[str, str]) -> str:
    return hashlib.sha256(json.dumps(identity, sort_keys=True).encode()).hexdigest()


def _keep_findings(catalog: Catalog, output: Path, console: Console) -> None:
    lines = [f"{finding.action}\t{finding.file}\t{finding.reason}" for finding in catalog.findings]
    write_atomic(output / "intake.tsv", "\n".join(["action\tfile\treason", *lines, ""]).encode())
    for line in lines:
        console.print("  ".join(line.split("\t")), style="yellow", highlight=False, markup=False)


def _render(workshop: Workshop, jobs: list[ShardJob], console: Console) -> dict[str, ShardEntry]:
    done = finished(workshop.output)
    entries = {job.file: done[job.file] for job in jobs if job.file in done and done[job.file].rows == job.rows}
    pending = [job for job in jobs if job.file not in entries]
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[rate]}"),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console) as progress:
        kept = sum(entry.rows for entry in entries.values())
        total = kept + sum(job.rows for job in pending)
        bar = progress.add_task("generate", total=total, completed=kept, rate="")
        for entry in _run(workshop, pending) if pending else ():
            entries[entry.file] = entry
            progress.advance(bar, entry.rows)
            speed = progress.tasks[0].speed
            progress.update(bar, rate=f"{speed:,.0f} rows/s" if speed else "")
    return entries


def _run(workshop: Workshop, jobs: list[ShardJob]) -> Iterator[ShardEntry]:
    """Yield entries as shards are finished; the first failure cancels the rest."""
    with _client(workshop.config.engine, len(jobs)) as client:
        shared = client.scatter(workshop, broadcast=True)
        futures = client.map(_render_shard, jobs, workshop=shared, pure=False, retries=0)
        for future, result in as_completed(futures, with_results=True, raise_errors=False):
            if future.status == "error":
                client.cancel(futures)
                _, error, trace = result
                raise error.with_traceback(trace)
            yield result


@contextmanager
def _client(config: EngineConfig, jobs: int) -> Iterator[Client]:
    """Yield a client of the running scheduler, or of a local cluster that ends with the block."""
    if config.kind == "scheduler":
        with _connected(config) as client:
            yield client
        return
    with (
        LocalCluster(
            n_workers=min(config.workers, jobs),
            threads_per_worker=1,
            processes=True,
            host="127.0.0.1",
            dashboard_address=None,
            memory_limit=0,
        ) as cluster,
        Client(cluster) as client,
    ):
        yield client


def _connected(config: EngineConfig) -> Client:
    try:
        return Client(config.scheduler, timeout="10s")
    except (OSError, ValueError) as error:
        raise ConfigError(
            f"engine.scheduler: {config.scheduler} does not answer ({error}); start it, or use engine.kind: local"
        ) from error


def _render_shard(job: ShardJob, workshop: Workshop) -> ShardEntry:
    cv2.setNumThreads(1)  # one process a core: cv2's own threads would fight the other workers
    library = Library.open(workshop.library)
    codec = workshop.config.output.image
    try:
        return write_shard(workshop.output / job.file, workshop.samples(job, library), codec)
    except SynthgenError:
        raise
    except OSError as error:
        raise OutputError(f"{workshop.output / job.file}: cannot be written: {error.strerror or error}") from error
