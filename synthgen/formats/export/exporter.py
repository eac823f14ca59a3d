"""`export_dataset`: one task writes the files of one shard; an export that died continues where it stopped.

It knows no format. What decides the files are the dataset, the format with its options, the rows and the classes;
the number of workers decides nothing.
"""

from __future__ import annotations

import dataclasses
import errno
import hashlib
import shutil
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson
from rich.console import Console

from synthgen import __version__
from synthgen.core.classes import Classes
from synthgen.core.errors import OutputError
from synthgen.core.files import write_atomic
from synthgen.core.progress import progress
from synthgen.core.types import Split
from synthgen.formats.export.format import About, ExportFormat, Loss, Part
from synthgen.formats.export.place import Place
from synthgen.formats.export.rows import ShardRows
from synthgen.formats.export.selection import Selection
from synthgen.parallel import run_jobs
from synthgen.parallel.settings import EngineConfig
from synthgen.shards.manifest import ATTRIBUTION, ShardEntry
from synthgen.shards.reader import ShardDataset, read_rows

__all__ = ["Export", "Exported", "export_dataset", "export_shard"]

COUNTED = ("index", "instances.list.element.category", "instances.list.element.area")


@dataclass(frozen=True, slots=True)
class Export:
    """What is exported, and as what.

    Attributes:
        dataset: The dataset.
        format: The format's name.
        writer: The format with its options.
        selection: The rows.
        classes: What becomes of each category.
    """

    dataset: ShardDataset
    format: str
    writer: ExportFormat
    selection: Selection
    classes: Classes

    @property
    def identity(self) -> dict[str, str]:
        """What decides the files, as text."""
        names = {} if self.selection.indices is None else self.selection.indices
        rows = {split: sorted(indices) for split, indices in names.items()}
        return {
            "dataset": self.dataset.sha256,
            "format": self.format,
            "options": repr(self.writer),
            "splits": ", ".join(self.selection.splits),
            "rows": hashlib.sha256(orjson.dumps(rows)).hexdigest() if rows else "all",
            "classes": orjson.dumps(dict(self.classes.renamed)).decode(),
            "synthgen": __version__,
        }

    @property
    def entries(self) -> list[ShardEntry]:
        """The shards with rows that are wanted, in order of split and index."""
        found = [entry for split in self.selection.splits for entry in self.dataset.entries(split)]
        return [entry for entry in found if self.selection.count(entry)]

    def shard(self, entry: ShardEntry) -> ShardRows:
        """Return the wanted rows of a shard."""
        earlier = self.dataset.splits[: self.dataset.splits.index(entry.split)]
        return ShardRows(
            path=self.dataset.local(entry),
            split=entry.split,
            name=Path(entry.file).stem,
            before=sum(map(self.dataset.count, earlier)),
            wanted=self.selection.of_shard(entry),
            classes=self.classes,
        )


@dataclass(frozen=True, slots=True)
class Exported:
    """What was exported.

    Attributes:
        rows: Of each split.
        negatives: Of these, the rows without an instance.
        instances: Of each split and class.
        loss: What the format's outlines make of the masks.
    """

    rows: Counter[Split] = field(default_factory=Counter)
    negatives: Counter[Split] = field(default_factory=Counter)
    instances: Counter[tuple[Split, str]] = field(default_factory=Counter)
    loss: Loss = field(default_factory=Loss)


def export_dataset(export: Export, out: Path, *, engine: EngineConfig, console: Console) -> Exported | None:
    """Write the export into the new folder `out`, or continue it; return None where it lies there already.

    Raises:
        OutputError: `out` holds something else, or cannot be written.
        DatasetError: A shard is missing or damaged.
    """
    place = Place(out)
    if not place.claim(export.identity):
        return None
    try:
        _write(export, place, engine, console)
        return _finish(export, place)
    except OSError as error:
        raise _stopped(place, error) from error


def _write(export: Export, place: Place, engine: EngineConfig, console: Console) -> None:
    entries, count = export.entries, export.selection.count
    pending = [entry for entry in entries if not _mark(place, entry).exists()]
    total = sum(map(count, entries))
    kept = total - sum(map(count, pending))
    with progress(console, "export", total=total, unit="rows", done=kept) as report:
        shared = {"export": export, "place": place}
        for outcome in run_jobs(engine, export_shard, pending, shared=shared, count=len(pending), one_here=True):
            outcome.value()
            report(count(outcome.job))


def export_shard(entry: ShardEntry, export: Export, place: Place) -> None:
    """Write the files of one shard, then its mark, which holds what the index files need of it.

    Raises:
        OutputError: Something cannot be written.
        DatasetError: The shard is missing or damaged.
    """
    shard = export.shard(entry)
    try:
        part = export.writer.write(shard, place.files)
        mark = orjson.dumps({"part": part, "counts": _counts(shard)})
        write_atomic(_mark(place, entry), mark)
    except (OSError, OutputError) as error:
        raise _stopped(place, error) from error


def _mark(place: Place, entry: ShardEntry) -> Path:
    return place.parts / f"{Path(entry.file).stem}.json"


def _counts(shard: ShardRows) -> dict[str, Any]:
    """Return the shard's share of `Exported`."""
    classes = Counter[str]()
    rows = negatives = 0
    for row in read_rows(shard.path, COUNTED):
        if shard.wanted is not None and row["index"] not in shard.wanted:
            continue
        seen = [shard.classes.renamed[each["category"]] for each in row["instances"] if each["area"] > 0]
        kept = [name for name in seen if name is not None]
        classes.update(kept)
        rows, negatives = rows + 1, negatives + (not kept)
    return {"rows": rows, "negatives": negatives, "classes": classes}


@dataclass(frozen=True, slots=True)
class _Marks:
    """The parts of all shards in order, read anew whenever they are asked for."""

    paths: list[Path]

    def __iter__(self) -> Iterator[Part]:
        for path in self.paths:
            part = orjson.loads(path.read_bytes())["part"]
            yield Part(part["split"], part["index"], Loss(**part["loss"]))


def _finish(export: Export, place: Place) -> Exported:
    exported = _summed([_mark(place, entry) for entry in export.entries])
    instances = Counter[str]()
    for (_, name), count in exported.instances.items():
        instances[name] += count
    manifest = export.dataset.manifest
    about = About(
        title=place.target.name,
        classes=export.classes,
        rows=exported.rows,
        instances=instances,
        licences=manifest.licences,
        version=manifest.synthgen_version,
    )
    if export.dataset.store.has(ATTRIBUTION):
        (place.files / ATTRIBUTION).write_bytes(export.dataset.store.read(ATTRIBUTION))
    parts = {
        split: _Marks([_mark(place, entry) for entry in export.entries if entry.split == split])
        for split in export.selection.splits
    }
    export.writer.join(parts, place.files, about)
    place.reveal(
        {
            "export": export.identity,
            "classes": dict(enumerate(export.classes.names, 1)),
            "rows": exported.rows,
            "instances": instances,
            "loss": dataclasses.asdict(exported.loss),
            "licences": manifest.licences,
            "dataset": {"fingerprint": manifest.fingerprint, "synthgen": manifest.synthgen_version},
        }
    )
    return exported


def _summed(paths: list[Path]) -> Exported:
    exported = Exported()
    for path in paths:
        mark = orjson.loads(path.read_bytes())
        split, counts = mark["part"]["split"], mark["counts"]
        exported.rows[split] += counts["rows"]
        exported.negatives[split] += counts["negatives"]
        exported.instances.update({(split, name): count for name, count in counts["classes"].items()})
        exported = dataclasses.replace(exported, loss=exported.loss + Loss(**mark["part"]["loss"]))
    return exported


def _stopped(place: Place, error: OSError | OutputError) -> OutputError:
    """Say what is wrong and how to go on."""
    cause = error if isinstance(error, OSError) else error.__cause__
    full = isinstance(cause, OSError) and cause.errno == errno.ENOSPC
    reason = (isinstance(cause, OSError) and cause.strerror) or cause
    free = f" ({shutil.disk_usage(place.work).free / 1e6:,.0f} MB are free)" if full else ""
    return OutputError(
        f"{place.target}: cannot be written: {reason}{free}; nothing half-written is there: "
        f"{'free some space' if full else 'check the folder and its permissions'} and run the same command again, "
        f"which continues with what lies in {place.work.name}"
    )
