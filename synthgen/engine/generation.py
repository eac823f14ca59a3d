"""`generate`: one task renders one shard; a run that died continues where it stopped.

Everything that decides a dataset's content is in `StudioConfig`; worker count, scheduler and
shard size decide only how it is made (law 1).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import cv2
from rich.console import Console

from synthgen import __version__
from synthgen.assets.catalog import Asset, Catalog
from synthgen.assets.licences import licence_counts
from synthgen.core.errors import OutputError, SynthgenError
from synthgen.core.files import make_directory
from synthgen.core.progress import progress
from synthgen.core.types import SPLITS, Split
from synthgen.engine.disk import estimated, require_room
from synthgen.engine.folders import published
from synthgen.engine.identity import fingerprint, identity, respelled
from synthgen.engine.settings import LIBRARY_FOLDER, GenerationConfig
from synthgen.engine.threads import one_thread
from synthgen.parallel import run_jobs
from synthgen.report.attribution import attribution_page
from synthgen.scene.scene import SCENE_VERSION
from synthgen.shards.codec import ImageCodec
from synthgen.shards.manifest import ATTRIBUTION, Manifest, ShardEntry, shard_file, write_manifest
from synthgen.shards.reader import ShardDataset
from synthgen.shards.resume import claim, finished, remove_leftovers
from synthgen.shards.usage import Usage, usage_of
from synthgen.shards.writer import put_shard
from synthgen.storage import LocalStore, Store
from synthgen.studio import Studio

__all__ = ["generate"]

PREFLIGHT_SCENES = 16  # scenes planned per split before any worker starts, so that impossible recipes fail at once


@dataclass(frozen=True, slots=True)
class _ShardJob:
    """One task: `rows` samples of a split from `first` on, into `file`."""

    split: Split
    number: int
    first: int
    rows: int

    @property
    def file(self) -> str:
        """Name of the shard, e.g. "train-00003.parquet"."""
        return shard_file(self.split, self.number)


def generate(config: GenerationConfig, output: Path, *, console: Console) -> Manifest:
    """Generate the dataset into `output`, or continue it; the manifest is written last.

    Raises:
        AssetError: No usable asset for a split.
        PlacementError: A scene cannot be planned.
        DatasetError: `output` holds a dataset of another recipe or other assets.
        OutputError: `output` cannot be written, or has no room for so many samples.
    """
    require_room(output, config)
    studio = Studio.open(config, output / LIBRARY_FOLDER)
    _preflight(studio)
    store = LocalStore(make_directory(output))
    parts = identity(config, studio.catalog)
    claim(store, fingerprint(parts), config.output.shard_rows, parts, respell=respelled)
    _keep_findings(studio.catalog, store, console)
    done = finished(store)
    require_room(output, config, done, estimated(studio, config.output.image))
    entries = _render(studio, config, store, done, console)
    remove_leftovers(store, set(entries))
    manifest = _manifest(config, studio.catalog, output, parts, list(entries.values()))
    used = _used(studio.catalog, usage_of(ShardDataset(store, manifest)))
    store.put(ATTRIBUTION, attribution_page(used).encode())
    manifest = manifest.model_copy(update={"licences": licence_counts(asset for asset, _ in used)})
    write_manifest(store, manifest)
    return manifest


def _preflight(studio: Studio) -> None:
    sequence = studio.config.recipe.sequence
    apart = 1 if sequence is None else sequence.frames
    for split in studio.casts:
        for index in range(0, min(PREFLIGHT_SCENES * apart, studio.config.samples.of(split)), apart):
            studio.scene(split, index)


def _keep_findings(catalog: Catalog, store: Store, console: Console) -> None:
    lines = [f"{finding.action}\t{finding.file}\t{finding.reason}" for finding in catalog.findings]
    store.put("intake.tsv", "\n".join(["action\tfile\treason", *lines, ""]).encode())
    for line in lines:
        console.print("  ".join(line.split("\t")), style="yellow", highlight=False, markup=False)


def _jobs(config: GenerationConfig) -> Iterator[_ShardJob]:
    """Yield the jobs of all splits one by one, as there may be more than fit in memory."""
    rows = config.output.shard_rows
    for split in SPLITS:
        samples = config.samples.of(split)
        for number, first in enumerate(range(0, samples, rows)):
            yield _ShardJob(split, number, first, min(rows, samples - first))


def _render(
    studio: Studio, config: GenerationConfig, store: Store, done: dict[str, ShardEntry], console: Console
) -> dict[str, ShardEntry]:
    """Render the shards that are not finished; return the entries of all."""

    def lies_there(job: _ShardJob) -> bool:
        return job.file in done and done[job.file].rows == job.rows

    entries = {job.file: done[job.file] for job in _jobs(config) if lies_there(job)} if done else {}
    kept, total = sum(entry.rows for entry in entries.values()), sum(map(config.samples.of, SPLITS))
    shards = sum(-(-config.samples.of(split) // config.output.shard_rows) for split in SPLITS)
    with one_thread(), progress(console, "generate", total=total, unit="rows", done=kept) as report:
        if pending := shards - len(entries):
            jobs = (job for job in _jobs(config) if not lies_there(job))
            shared = {"studio": studio, "store": store, "codec": config.output.image}
            for outcome in run_jobs(config.engine, _render_shard, jobs, shared=shared, count=pending, one_here=True):
                entry = outcome.value()
                entries[entry.file] = entry
                report(entry.rows)
    return entries


def _render_shard(job: _ShardJob, studio: Studio, store: Store, codec: ImageCodec) -> ShardEntry:
    cv2.setNumThreads(1)  # one process a core: cv2's own threads would fight the other workers
    samples = (studio.sample(job.split, index) for index in range(job.first, job.first + job.rows))
    try:
        return put_shard(store, job.file, samples, codec)
    except SynthgenError:
        raise
    except OSError as error:
        text = f"{store.place}/{job.file}: cannot be written: {error.strerror or error}"
        raise OutputError(text) from error


def _used(catalog: Catalog, usage: Usage) -> list[tuple[Asset, int]]:
    """Return the assets that occur in rows, each with the number of these."""
    kinds = ((catalog.foregrounds, usage.foregrounds), (catalog.backgrounds, usage.backgrounds))
    return [(asset, rows[asset.id]) for assets, rows in kinds for asset in assets if asset.id in rows]


def _manifest(
    config: GenerationConfig, catalog: Catalog, output: Path, parts: dict[str, str], shards: list[ShardEntry]
) -> Manifest:
    return Manifest(
        fingerprint=fingerprint(parts),
        seed=config.seed,
        size=config.size,
        pipeline=published(config, output),
        assets_digest=catalog.digest,
        categories=sorted({asset.category for asset in catalog.foregrounds if asset.role == "target"}),
        held_out=list(config.assets.splits.hold_out),
        shards=shards,
        foreground_groups={asset.id: asset.group for asset in catalog.foregrounds},
        background_groups={asset.id: asset.group for asset in catalog.backgrounds},
        pseudo_foregrounds=list(catalog.guessed),
        synthgen_version=__version__,
        scene_version=SCENE_VERSION,
    )
