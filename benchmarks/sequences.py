"""Frames a second of one core, beside single pictures of the same recipe: plan, render, encode, hash and Parquet.

    python benchmarks/sequences.py --foregrounds DIR --backgrounds DIR --json sequences.json

Rounds of both alternate; medians of CPU time are reported.
"""

from __future__ import annotations

import argparse
import json
import statistics
import tempfile
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import cv2
from generate import RECIPES, ROOT, SIZE
from rich.console import Console
from rich.table import Table

from synthgen.assets.catalog import AssetsConfig
from synthgen.scene.recipe import Recipe
from synthgen.shards.codec import ImageCodec
from synthgen.shards.writer import write_shard
from synthgen.studio import SampleCounts, Studio, StudioConfig

KINDS: dict[str, dict[str, Any]] = {"pictures": {}, "frames": {"sequence": {"frames": 128}}}


def main() -> None:
    """Measure every recipe with and without a sequence; print a table, write JSON."""
    arguments = _arguments()
    cv2.setNumThreads(1)
    assets = AssetsConfig(foregrounds=arguments.foregrounds, backgrounds=arguments.backgrounds)
    results, table = {}, Table("recipe", "pictures/s", "frames/s", "ratio", title="One core, CPU time")
    with tempfile.TemporaryDirectory() as folder:
        config = StudioConfig(seed=1, assets=assets, size=SIZE, samples=SampleCounts(train=arguments.rows))
        studio = Studio.open(config, Path(folder))
        for name, recipe in RECIPES.items():
            rates = _rates(studio, recipe, Path(folder), arguments)
            results[name] = {**rates, "ratio": rates["frames"] / rates["pictures"]}
            table.add_row(name, f"{rates['pictures']:,.0f}", f"{rates['frames']:,.0f}", f"{results[name]['ratio']:.2f}")
    Console().print(table)
    if arguments.json:
        arguments.json.write_text(json.dumps({"rows": arguments.rows, "recipes": results}, indent=2) + "\n")


def _rates(studio: Studio, recipe: dict[str, Any], folder: Path, arguments: argparse.Namespace) -> dict[str, float]:
    studios = {
        kind: replace(studio, config=studio.config.model_copy(update={"recipe": Recipe.model_validate(recipe | more)}))
        for kind, more in KINDS.items()
    }
    spent: dict[str, list[float]] = {kind: [] for kind in KINDS}
    for number in range(arguments.rounds + 1):
        for kind, one in studios.items():
            began = time.process_time()
            write_shard(folder / f"{kind}.parquet", one.samples("train"), ImageCodec())
            if number:  # the first round compiles, and maps what the first pictures need
                spent[kind].append(time.process_time() - began)
    return {kind: arguments.rows / statistics.median(times) for kind, times in spent.items()}


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--foregrounds", type=Path, default=ROOT / "foregrounds")
    parser.add_argument("--backgrounds", type=Path, default=ROOT / "backgrounds")
    parser.add_argument("--rows", type=int, default=1024)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--json", type=Path)
    return parser.parse_args()


if __name__ == "__main__":
    main()
