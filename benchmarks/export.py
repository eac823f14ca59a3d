"""Rows a second of each export format with two workers, beside the floor and what users would pick instead.

    .venv-bench/bin/python benchmarks/export.py --foregrounds DIR --backgrounds DIR --json export.json

A dataset is generated once. The floor copies the images alone to files; what users would pick instead, in one process,
is in benchmarks/export_peers.py. Every run exports into a new folder; runs of all alternate, and
medians are reported. All folders are removed at the end, some 4 GB a round: ext4 searches long for a free place where
many files were removed a minute ago. Workers are started before the clock, as they cost the same seconds whatever the
count of rows. CPU time is that of all processes, and says more than the clock where others share the machine.
"""

from __future__ import annotations

import argparse
import json
import statistics
import tempfile
import time
from pathlib import Path
from typing import Any

import psutil
from export_peers import PEERS, rows_of
from rich.console import Console
from rich.table import Table

from synthgen.core.classes import Classes
from synthgen.engine import GenerationConfig, generate
from synthgen.formats.export import EXPORTS, Export, export_dataset
from synthgen.formats.export.exporter import export_shard
from synthgen.formats.export.format import Part
from synthgen.formats.export.place import Place
from synthgen.formats.export.rows import ShardRows
from synthgen.formats.export.selection import Selection
from synthgen.parallel import run_jobs
from synthgen.parallel.settings import EngineConfig
from synthgen.shards.reader import ShardDataset, read_rows

ROOT = Path(__file__).resolve().parent.parent
WORKERS, SHARD_ROWS = 2, 500
ENGINE = EngineConfig(workers=WORKERS)
FLOOR = "floor: images to files"


class Images:
    """The floor: what every format of files has to do."""

    def write(self, shard: ShardRows, folder: Path) -> Part:
        """Write the images of a shard."""
        for row in read_rows(shard.path, ("sample_id", "image")):
            (folder / f"{row['sample_id']}.jpg").write_bytes(row["image"]["bytes"])
        return Part(shard.split)

    def join(self, parts: object, folder: Path, about: object) -> None:
        """There is no index."""


def main() -> None:
    """Measure; print a table, write JSON."""
    arguments = _arguments()
    with tempfile.TemporaryDirectory(dir=arguments.place) as folder:
        dataset = arguments.dataset or _generated(Path(folder) / "dataset", arguments)
        source = ShardDataset.open(dataset)
        rows = sum(map(source.count, source.splits))
        peers = [name for name in arguments.formats if name in PEERS]
        runs: dict[str, list[dict[str, float]]] = {name: [] for name in (FLOOR, *arguments.formats)}
        theirs: dict[str, list[dict[str, float]]] = {name: [] for name in peers}
        for number in range(arguments.rounds):
            for name, found in runs.items():
                found.append(_ours(_export(source, name), rows, Path(folder) / f"{number}-{name}"))
            for name in peers:
                out = Path(folder) / f"{number}-{name}-instead"
                theirs[name].append(_instead(_export(source, name), name, arguments.peer_rows, out))
        results = {name: _medians(found) for name, found in runs.items()}
        instead = {name: {"library": PEERS[name][0], **_medians(found)} for name, found in theirs.items()}
        _print(rows, results, instead)
        if arguments.json:
            values = {
                "rows": rows,
                "workers": WORKERS,
                "rounds": arguments.rounds,
                "formats": results,
                "instead": instead,
            }
            arguments.json.write_text(json.dumps(values, indent=2) + "\n")


def _generated(folder: Path, arguments: argparse.Namespace) -> Path:
    values = {
        "seed": 7,
        "assets": {"foregrounds": arguments.foregrounds, "backgrounds": arguments.backgrounds},
        "size": [256, 256],
        "samples": {"train": arguments.rows},
        "output": {"path": folder, "shard_rows": SHARD_ROWS},
        "engine": {"workers": WORKERS},
    }
    generate(GenerationConfig.model_validate(values), folder, console=Console(stderr=True))
    return folder


def _export(source: ShardDataset, name: str) -> Export:
    writer: Any = Images() if name == FLOOR else EXPORTS[name]()
    return Export(source, name, writer, Selection.of(source), Classes.of(source.manifest.categories))


def _ours(export: Export, rows: int, out: Path) -> dict[str, float]:
    """Measure the shards alone; then what comes after them: index files and the sync of the disk."""
    place = Place(out)
    place.claim(export.identity)
    shared, ends = {"export": export, "place": place}, list[tuple[float, float]]()
    for outcome in run_jobs(ENGINE, export_shard, export.entries, shared=shared, count=len(export.entries)):
        outcome.value()
        ends.append((time.perf_counter(), _cpu_seconds()))
    # From the first finished shard to the last, as if the first had been as fast as the others.
    wall, cpu = ((last - first) * len(ends) / (len(ends) - 1) for first, last in zip(ends[0], ends[-1], strict=True))
    start = time.perf_counter()
    export_dataset(export, out, engine=ENGINE, console=Console(quiet=True))
    return {"rate": rows / wall, "cpu_us": 1e6 * cpu / rows, "finish_s": time.perf_counter() - start}


def _cpu_seconds() -> float:
    """Return the seconds of all cores that this process and its workers have taken."""
    here = psutil.Process()
    times = [each.cpu_times() for each in (here, *here.children(recursive=True))]
    return sum(each.user + each.system for each in times)


def _instead(export: Export, name: str, count: int, out: Path) -> dict[str, float]:
    rows = sum(1 for _ in rows_of(export, count))
    wall, cpu = time.perf_counter(), time.process_time()
    PEERS[name][1](export, count, out)
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    return {"rows": rows, "rate": rows / wall, "cpu_us": 1e6 * cpu / rows}


def _medians(runs: list[dict[str, float]]) -> dict[str, float]:
    return {key: statistics.median(run[key] for run in runs) for key in runs[0]}


def _print(rows: int, results: dict[str, dict[str, float]], instead: dict[str, dict[str, Any]]) -> None:
    table = Table("", "rows/s", "CPU time a row", "index and sync", title=f"{rows:,} rows, {WORKERS} workers")
    for name, found in results.items():
        table.add_row(name, f"{found['rate']:,.0f}", f"{found['cpu_us']:,.0f} µs", f"{found['finish_s']:.1f} s")
    for name, found in instead.items():
        table.add_row(f"{name} by {found['library']}", f"{found['rate']:,.0f}", f"{found['cpu_us']:,.0f} µs", "")
    Console().print(table)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--foregrounds", type=Path, default=ROOT / "foregrounds")
    parser.add_argument("--backgrounds", type=Path, default=ROOT / "backgrounds")
    parser.add_argument("--dataset", type=Path, help="a dataset that is there already")
    parser.add_argument("--place", type=Path, help="folder to write in; default: the system's for temporary files")
    parser.add_argument("--rows", type=int, default=20_000)
    parser.add_argument("--peer-rows", type=int, default=20_000, help="how many of them the other libraries write")
    parser.add_argument("--formats", nargs="+", default=list(EXPORTS), choices=list(EXPORTS))
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--json", type=Path)
    return parser.parse_args()


if __name__ == "__main__":
    main()
