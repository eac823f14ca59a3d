"""`generate`: one Dask task renders one shard; a run that died continues where it stopped.

Everything that decides a dataset's content is in `GenerationConfig`; worker count, scheduler and
shard size decide only how it is made (law 1).
"""

from __future__ import annotations

import hashlib
import json
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import cv2
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from synthgen.assets.cast import Cast
from synthgen.assets.catalog import Catalog
from synthgen.assets.intake import load_catalog
from synthgen.assets.library import Library, build_library
from synthgen.core.errors import OutputError, SynthgenError
from synthgen.core.files import make_directory, write_atomic
from synthgen.core.types import SPLITS, Sample, Split
from synthgen.engine.cluster import completed, connect
from synthgen.engine.settings import LIBRARY_FOLDER, GenerationConfig
from synthgen.render.compositor import render_scene
from synthgen.scene.plan import plan_scene
from synthgen.scene.scene import SCENE_VERSION
from synthgen.shards.manifest import Manifest, ShardEntry, shard_file, write_manifest
from synthgen.shards.resume import claim, finished, remove_leftovers
from synthgen.shards.writer import write_shard

__all__ = ["generate"]

PREFLIGHT_SCENES = 16  # scenes planned per split before any worker starts, so that impossible recipes fail at once


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


def generate(config: GenerationConfig, output: Path, *, console: Console) -> Manifest:
    """Generate the dataset into `output`, or continue it; the manifest is written last.

    Raises:
        AssetError: No usable asset for a split.
        PlacementError: A scene cannot be planned.
        DatasetError: `output` holds a dataset of another recipe or other assets.
        OutputError: `output` cannot be written.
    """
    catalog = load_catalog(config.assets)
    casts = {
        split: Cast.of(catalog, split, config.assets.splits, config.recipe.categories)
        for split in SPLITS
        if _count(config, split)
    }
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
    assets = (*catalog.foregrounds, *catalog.backgrounds)
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
        licences=dict(sorted(Counter(asset.licence for asset in assets).items())),
    )
    write_manifest(output, manifest)
    return manifest


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
        start = time.monotonic()
        for entry in _run(workshop, pending) if pending else ():
            entries[entry.file] = entry
            progress.advance(bar, entry.rows)
            made = progress.tasks[0].completed - kept
            progress.update(bar, rate=f"{made / (time.monotonic() - start):,.0f} rows/s")
    return entries


def _run(workshop: Workshop, jobs: list[ShardJob]) -> Iterator[ShardEntry]:
    """Yield entries as shards are finished; the first failure cancels the rest."""
    with connect(workshop.config.engine, len(jobs)) as client:
        shared = client.scatter(workshop, broadcast=True)
        yield from completed(client, _render_shard, jobs, workshop=shared)


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
