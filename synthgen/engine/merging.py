"""`merge`: two datasets made one, rows, splits and histories kept.

The shards of the first are copied as they are. Rows of the second follow behind them in each split, under the numbers
that come next; what tells a row's number is all that changes in it. A merge that died continues where it stopped.
"""

from __future__ import annotations

import hashlib
import re
import shutil
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson
from rich.console import Console

from synthgen import __version__
from synthgen.core.errors import DatasetError
from synthgen.core.files import make_directory
from synthgen.core.progress import progress
from synthgen.core.types import SPLITS
from synthgen.engine.folders import moved
from synthgen.parallel import run_jobs
from synthgen.parallel.settings import EngineConfig
from synthgen.shards.firewall import FIREWALL_COLUMNS, Firewall
from synthgen.shards.manifest import (
    ATTRIBUTION,
    Manifest,
    Origin,
    ShardEntry,
    pseudo_assets,
    shard_file,
    write_manifest,
)
from synthgen.shards.reader import ShardDataset, read_rows
from synthgen.shards.resume import claim, finished, record
from synthgen.shards.writer import put_rows
from synthgen.storage import LocalStore, Store

__all__ = ["merge"]

SHOWN = 3  # problems in a message
NUMBERED = re.compile(r"(\w+)-(\d{6,})")


@dataclass(frozen=True, slots=True)
class _Move:
    """One task: a shard of a dataset becomes the shard `file`, its rows `shift` numbers further on."""

    source: ShardDataset
    entry: ShardEntry
    file: str
    shift: int


def merge(first: Path, second: Path, output: Path, *, engine: EngineConfig, console: Console) -> Manifest:
    """Merge two datasets into `output`, or continue to; the manifest is written last.

    Raises:
        DatasetError: They are of different schemas or sizes, or of one run; an asset or a group of one is on another
            side of the firewall in the other; `output` holds another dataset.
        OutputError: `output` cannot be written.
    """
    sources = (ShardDataset.open(first), ShardDataset.open(second))
    manifests = (sources[0].manifest, sources[1].manifest)
    _refuse_strangers(sources)
    _refuse_leaks(sources, console)
    store = LocalStore(make_directory(output))
    parts = {"first dataset": sources[0].sha256, "second dataset": sources[1].sha256}
    fingerprint = hashlib.sha256(orjson.dumps(parts, option=orjson.OPT_SORT_KEYS)).hexdigest()
    claim(store, fingerprint, max(entry.rows for each in manifests for entry in each.shards), parts)
    entries = _move_all(list(_moves(sources)), store, engine, console)
    _put_attribution(sources, store)
    same = manifests[0].assets_digest == manifests[1].assets_digest
    digests = "".join(each.assets_digest for each in manifests)
    manifest = Manifest(
        version=manifests[0].version,
        fingerprint=fingerprint,
        seed=manifests[0].seed,
        size=manifests[0].size,
        pipeline=moved(manifests[0].pipeline, first, output) if same else {},
        assets_digest=manifests[0].assets_digest if same else hashlib.sha256(digests.encode()).hexdigest(),
        categories=sorted({name for each in manifests for name in each.categories}),
        held_out=_held_out(manifests),
        shards=entries,
        foreground_groups=manifests[0].foreground_groups | manifests[1].foreground_groups,
        background_groups=manifests[0].background_groups | manifests[1].background_groups,
        pseudo_foregrounds=sorted(frozenset().union(*map(pseudo_assets, manifests))),
        licences=dict(sorted((Counter(manifests[0].licences) + Counter(manifests[1].licences)).items())),
        synthgen_version=__version__,
        scene_version=manifests[0].scene_version if len({each.scene_version for each in manifests}) == 1 else None,
        merged=[_origin(source) for source in sources],
    )
    write_manifest(store, manifest)
    return manifest


def _held_out(manifests: tuple[Manifest, ...]) -> list[str]:
    """Return the categories that test alone shows in the whole: held out in each dataset that has them at all."""
    every = {name for each in manifests for name in each.held_out}
    return sorted(
        name for name in every if all(name in each.held_out or name not in each.categories for each in manifests)
    )


def _refuse_strangers(sources: tuple[ShardDataset, ShardDataset]) -> None:
    """Check that the two can be one dataset, and that no row would be in it twice."""
    one, two = (source.manifest for source in sources)
    where = f"{sources[0].place} and {sources[1].place}"
    if one.version != two.version:
        raise DatasetError(f"{where}: are of schema versions {one.version} and {two.version}; generate the older anew")
    if one.size != two.size:
        raise DatasetError(f"{where}: have pictures of {_by(one)} and {_by(two)}; merge datasets of one size")
    if _runs(one) & _runs(two):
        raise DatasetError(
            f"{where}: are of one run, so rows of one are rows of the other; generate one with another --seed"
        )
    for noun in ("foreground", "background"):
        groups, others = (getattr(each, f"{noun}_groups") for each in (one, two))
        if torn := sorted(name for name in groups.keys() & others.keys() if groups[name] != others[name]):
            raise DatasetError(
                f"{where}: {len(torn)} {noun}s are of different groups in the two, such as "
                f"{', '.join(map(repr, torn[:SHOWN]))}; generate both from one catalog"
            )


def _runs(manifest: Manifest | Mapping[str, Any]) -> set[str]:
    """Return the fingerprints of all that went into a dataset."""
    values = manifest.model_dump() if isinstance(manifest, Manifest) else manifest
    return {values["fingerprint"]}.union(*(_runs(origin["manifest"]) for origin in values.get("merged", ())))


def _by(manifest: Manifest) -> str:
    return f"{manifest.size[0]}×{manifest.size[1]}"


def _refuse_leaks(sources: tuple[ShardDataset, ShardDataset], console: Console) -> None:
    """Read which assets are in which split of either, and hold the two against each other."""
    firewall = Firewall()
    total = sum(source.count(split) for source in sources for split in SPLITS)
    with progress(console, "firewall", total=total, unit="rows") as report:
        for source in sources:
            for split in source.splits:
                for row in source.rows(split, FIREWALL_COLUMNS):
                    firewall.see(row)
                    report()
    foregrounds, backgrounds = (
        getattr(sources[0].manifest, name) | getattr(sources[1].manifest, name)
        for name in ("foreground_groups", "background_groups")
    )
    if problems := list(firewall.problems(foregrounds, backgrounds)):
        more = f"; and {len(problems) - SHOWN} more" if len(problems) > SHOWN else ""
        raise DatasetError(
            f"{sources[0].place} and {sources[1].place} cannot be merged: {'; '.join(problems[:SHOWN])}{more}; "
            "generate one anew with the other's groups and assets.splits"
        )


def _moves(sources: tuple[ShardDataset, ShardDataset]) -> Iterator[_Move]:
    for split in SPLITS:
        number = 0
        for source, shift in zip(sources, (0, sources[0].count(split)), strict=True):
            for entry in source.entries(split) if source.count(split) else ():
                yield _Move(source, entry, shard_file(split, number), shift)
                number += 1


def _move_all(moves: list[_Move], store: Store, engine: EngineConfig, console: Console) -> list[ShardEntry]:
    done = finished(store)
    entries = [done[move.file] for move in moves if move.file in done]
    pending = [move for move in moves if move.file not in done]
    total = sum(move.entry.rows for move in moves)
    with progress(console, "merge", total=total, unit="rows", done=sum(entry.rows for entry in entries)) as report:
        for outcome in run_jobs(engine, _move, pending, shared={"store": store}, count=len(pending), one_here=True):
            entries.append(outcome.value())
            report(entries[-1].rows)
    return entries


def _move(move: _Move, store: Store) -> ShardEntry:
    path = move.source.local(move.entry)
    if move.shift:
        return put_rows(store, move.file, (_renumbered(row, move.shift) for row in read_rows(path)))
    with store.stage(move.file) as temporary:
        shutil.copyfile(path, temporary)
    entry = move.entry.model_copy(update={"file": move.file})
    record(store, entry)
    return entry


def _renumbered(row: dict[str, Any], shift: int) -> dict[str, Any]:
    """Return a row as the one `shift` numbers further on; its pixels and labels stay."""
    index = row["index"] + shift
    old, new = row["sample_id"], f"{row['split']}-{index:06d}"
    scene_id = _shifted(row["scene_id"], shift)
    scene = orjson.loads(row["scene"])
    changes = {"index": index, "scene_id": scene_id}
    if row["sequence_id"] is not None:
        changes["sequence_id"] = scene_id
    scene |= {name: value for name, value in changes.items() if name in scene}
    pictures = {name: {**row[name], "path": new + row[name]["path"].removeprefix(old)} for name in ("image", "mask")}
    text = orjson.dumps(scene, option=orjson.OPT_SORT_KEYS).decode()
    return {**row, **changes, **pictures, "sample_id": new, "scene": text}


def _shifted(scene_id: str, shift: int) -> str:
    """Return a scene's name that no scene of the first dataset has: its number is at most that of its first row."""
    match = NUMBERED.fullmatch(scene_id)
    return f"{match[1]}-{int(match[2]) + shift:06d}" if match else f"{scene_id}+{shift}"


def _origin(source: ShardDataset) -> Origin:
    rows = {split: source.count(split) for split in source.splits}
    return Origin(rows=rows, sha256=source.sha256, manifest=source.manifest.model_dump(mode="json", exclude={"shards"}))


def _put_attribution(sources: tuple[ShardDataset, ShardDataset], store: Store) -> None:
    pages = [source.store.read(ATTRIBUTION) for source in sources if source.store.has(ATTRIBUTION)]
    if pages:
        store.put(ATTRIBUTION, b"\n".join(dict.fromkeys(pages)))
