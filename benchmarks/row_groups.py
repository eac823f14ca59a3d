"""What the number of rows in a row group costs and brings: writing, loading, one row alone, bytes beside the pictures.

    python benchmarks/row_groups.py --foregrounds DIR --backgrounds DIR --json row_groups.json

The same samples are written with each size; rounds alternate, medians are reported.
"""

from __future__ import annotations

import argparse
import json
import random
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from rich.console import Console
from rich.table import Table

from synthgen.core.types import Sample
from synthgen.shards import writer
from synthgen.shards.codec import ImageCodec
from synthgen.shards.manifest import Manifest, write_manifest
from synthgen.shards.reader import ShardDataset
from synthgen.studio import Studio, StudioConfig
from trainers.loading.loader import ShardLoader

ROOT = Path(__file__).resolve().parent.parent
SIZE = (256, 256)
READ = 50  # rows read one by one in a round


def main() -> None:
    """Measure each size; print a table, write JSON."""
    arguments = _arguments()
    with tempfile.TemporaryDirectory() as folder:
        samples = _samples(Path(folder), arguments)
        results = {
            str(rows): {"write_ms": 0.0, "load_ms": 0.0, "row_ms": 0.0, "overhead_bytes": 0.0}
            for rows in arguments.groups
        }
        spent: dict[tuple[int, str], list[float]] = {}
        for number in range(arguments.rounds):
            for rows in arguments.groups:
                writer.GROUP_ROWS = rows
                dataset = Path(folder) / f"{rows}-{number}"
                for name, seconds in _measured(dataset, samples).items():
                    spent.setdefault((rows, name), []).append(seconds / len(samples) * 1e3)
                row_seconds = statistics.median(_seconds(lambda d=dataset: _read_one(d)) for _ in range(READ))
                spent.setdefault((rows, "row_ms"), []).append(row_seconds * 1e3)
                results[str(rows)]["overhead_bytes"] = _overhead(dataset)
    for (rows, name), values in spent.items():
        results[str(rows)][name] = statistics.median(values)
    table = Table("rows in a group", "write a row", "load a row", "read one row", "bytes a row beside the pictures")
    for rows in arguments.groups:
        found = results[str(rows)]
        times = (f"{found[name]:.3f} ms" for name in ("write_ms", "load_ms", "row_ms"))
        table.add_row(str(rows), *times, f"{found['overhead_bytes']:,.0f}")
    Console().print(table)
    if arguments.json:
        arguments.json.write_text(json.dumps(results, indent=2) + "\n")


def _measured(dataset: Path, samples: list[Sample]) -> dict[str, float]:
    entries = []

    def write() -> None:
        entries.append(writer.write_shard(dataset / "train-00000.parquet", samples, ImageCodec()))

    def load() -> None:
        for _ in loader:
            pass

    found = {"write_ms": _seconds(write)}
    manifest = Manifest(fingerprint="", seed=0, size=SIZE, pipeline={}, assets_digest="", categories=[], shards=entries)
    write_manifest(dataset, manifest)
    loader = ShardLoader(dataset, "train", batch_size=64, seed=0, shuffle=True)
    load()  # maps the files
    return {**found, "load_ms": _seconds(load)}


def _read_one(dataset: Path) -> None:
    shards = ShardDataset.open(dataset)
    shards.row("train", random.randrange(shards.count("train")))


def _overhead(dataset: Path) -> float:
    rows = list(ShardDataset.open(dataset).rows("train", ["image", "mask"]))
    pictures = sum(len(row["image"]["bytes"]) + len(row["mask"]["bytes"]) for row in rows)
    return ((dataset / "train-00000.parquet").stat().st_size - pictures) / len(rows)


def _samples(cache: Path, arguments: argparse.Namespace) -> list[Sample]:
    config = StudioConfig.model_validate(
        {
            "assets": {"foregrounds": arguments.foregrounds, "backgrounds": arguments.backgrounds},
            "size": SIZE,
            "samples": {"train": arguments.rows},
        }
    )
    return list(Studio.open(config, cache).samples("train"))


def _seconds(call: Callable[[], None]) -> float:
    start = time.perf_counter()
    call()
    return time.perf_counter() - start


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--foregrounds", type=Path, default=ROOT / "foregrounds")
    parser.add_argument("--backgrounds", type=Path, default=ROOT / "backgrounds")
    parser.add_argument("--groups", type=int, nargs="+", default=[32, 64, 128, 256, 512])
    parser.add_argument("--rows", type=int, default=1024)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--json", type=Path)
    return parser.parse_args()


if __name__ == "__main__":
    main()
