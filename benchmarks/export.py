"""Rows a second of each export format with two workers, beside the floor: the images alone, copied to files.

    python benchmarks/export.py --foregrounds DIR --backgrounds DIR --json export.json

A dataset is generated once. Every run exports it into a new folder and removes that; runs of all formats alternate,
and medians are reported. Workers are started before the clock, as they cost the same seconds whatever the count of
rows; `whole` is the time with them, and with the sync of the disk at the end.
"""

from __future__ import annotations

import argparse
import json
import shutil
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

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
        runs: dict[str, list[dict[str, float]]] = {name: [] for name in (FLOOR, *arguments.formats)}
        for _ in range(arguments.rounds):
            for name, found in runs.items():
                found.append(_measured(source, name, Path(folder) / "out"))
    rows = sum(map(source.count, source.splits))
    results = {
        name: {key: statistics.median(run[key] for run in found) for key in found[0]} for name, found in runs.items()
    }
    _print(rows, results)
    if arguments.json:
        values = {"rows": rows, "workers": WORKERS, "rounds": arguments.rounds, "formats": results}
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


def _measured(source: ShardDataset, name: str, out: Path) -> dict[str, float]:
    """Return rows a second of the shards alone, and of the whole export."""
    writer: Any = Images() if name == FLOOR else EXPORTS[name]()
    export = Export(source, name, writer, Selection.of(source), Classes.of(source.manifest.categories))
    rows = sum(map(source.count, source.splits))
    seconds = _shards_alone(export, out)
    whole = _timed(lambda: export_dataset(export, out, engine=ENGINE, console=Console(quiet=True)))
    shutil.rmtree(out)
    return {"rate": rows / seconds, "whole": rows / whole}


def _timed(call: Callable[[], object]) -> float:
    start = time.perf_counter()
    call()
    return time.perf_counter() - start


def _shards_alone(export: Export, out: Path) -> float:
    """Return the seconds from the first finished shard to the last, as if the first had been as fast as the others."""
    place = Place(out)
    place.claim(export.identity)
    shared, ends = {"export": export, "place": place}, list[float]()
    for outcome in run_jobs(ENGINE, export_shard, export.entries, shared=shared, count=len(export.entries)):
        outcome.value()
        ends.append(time.perf_counter())
    shutil.rmtree(place.work)
    return (ends[-1] - ends[0]) * len(ends) / (len(ends) - 1)


def _print(rows: int, results: dict[str, dict[str, float]]) -> None:
    table = Table("format", "rows/s", "of the floor", "whole export", title=f"{rows:,} rows, {WORKERS} workers")
    floor = results[FLOOR]["rate"]
    for name, found in sorted(results.items(), key=lambda item: -item[1]["rate"]):
        table.add_row(name, f"{found['rate']:,.0f}", f"{found['rate'] / floor:.2f}", f"{found['whole']:,.0f}")
    Console().print(table)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--foregrounds", type=Path, default=ROOT / "foregrounds")
    parser.add_argument("--backgrounds", type=Path, default=ROOT / "backgrounds")
    parser.add_argument("--dataset", type=Path, help="a dataset that is there already")
    parser.add_argument("--place", type=Path, help="folder to write in; default: the system's for temporary files")
    parser.add_argument("--rows", type=int, default=20_000)
    parser.add_argument("--formats", nargs="+", default=list(EXPORTS), choices=list(EXPORTS))
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--json", type=Path)
    return parser.parse_args()


if __name__ == "__main__":
    main()
