"""Images a second of one core, all in, against the floor: the calls no generator can do without.

    python benchmarks/generate.py --foregrounds DIR --backgrounds DIR --json generate.json

Ours is plan, render, encode, hash and Parquet, through the function that every worker calls. The floor
makes as many pictures with as many objects of the same sizes from numbers drawn beforehand: crop and
resize a background level, warp RGBA levels, (feather,) blend, JPEG, mask PNG, Arrow and Parquet; no plan, no masks'
bookkeeping, no hashes, no effects. Rounds of both alternate; medians are reported.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import tempfile
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import psutil
import pyarrow as pa
import pyarrow.parquet as pq
import simplejpeg
from rich.console import Console
from rich.table import Table

from synthgen.assets.catalog import AssetsConfig
from synthgen.assets.library import Library
from synthgen.engine import GenerationConfig, generate
from synthgen.scene.recipe import Recipe
from synthgen.scene.scene import Scene
from synthgen.scene.sources import Cutout
from synthgen.shards.codec import ImageCodec
from synthgen.shards.grey_png import write_grey_png
from synthgen.shards.writer import write_shard
from synthgen.studio import SampleCounts, Studio, StudioConfig

ROOT = Path(__file__).resolve().parent.parent
SIZE = (256, 256)
FEW = 1000
RECIPES: dict[str, dict[str, Any]] = {
    "paste": {"blend": {"modes": ["none"]}},
    "reference": {
        "blend": {"modes": ["feather"]},
        "harmonize": {"modes": ["exposure"]},
        "camera": {"noise": {}},
    },
    "cctv-night": {"blend": {"modes": ["feather"]}, "camera": {"preset": "cctv-night"}},
}


def main() -> None:
    """Measure every recipe and its floor, whole runs with one worker and with two, and memory; print and write."""
    arguments = _arguments()
    cv2.setNumThreads(1)
    assets = AssetsConfig(foregrounds=arguments.foregrounds, backgrounds=arguments.backgrounds)
    with tempfile.TemporaryDirectory() as folder:
        config = StudioConfig(seed=1, assets=assets, size=SIZE, samples=SampleCounts(train=arguments.rows))
        studio = Studio.open(config, Path(folder))
        results: dict[str, Any] = {
            "cores": os.cpu_count(),
            "cutouts": len(studio.catalog.foregrounds),
            "scenes": len(studio.catalog.backgrounds),
            "size": SIZE,
            "rows": arguments.rows,
            "rounds": arguments.rounds,
            "recipes": one_core(studio, Path(folder), arguments),
            "runs": whole_runs(assets, Path(folder), arguments),
            "memory": memory(assets, Path(folder), arguments),
        }
    if arguments.json:
        arguments.json.write_text(json.dumps(results, indent=2) + "\n")


def one_core(studio: Studio, folder: Path, arguments: argparse.Namespace) -> dict[str, dict[str, float]]:
    """Return images a second of each recipe and of its floor."""
    table = Table("recipe", "images/s", "floor", "share of the floor", title="One core, all in")
    results = {}
    for name, changes in RECIPES.items():
        recipe = Recipe.model_validate(changes)
        config = studio.config.model_copy(update={"recipe": recipe})
        ours, floor = measure(replace(studio, config=config), folder, arguments)
        results[name] = {"ours": ours, "floor": floor, "share": ours / floor}
        table.add_row(name, f"{ours:,.0f}", f"{floor:,.0f}", f"{ours / floor:.2f}")
    Console().print(table)
    return results


def measure(studio: Studio, folder: Path, arguments: argparse.Namespace) -> tuple[float, float]:
    """Return images a second of ours and of the floor, medians of alternating rounds."""
    shard = folder / "bench" / "train-00000.parquet"
    scenes = [studio.scene("train", index) for index in range(arguments.rows)]
    feathered = studio.config.recipe.blend.modes == ("feather",)

    def ours() -> None:
        write_shard(shard, studio.samples("train"), ImageCodec())

    def floor() -> None:
        write_floor(shard.with_name("floor.parquet"), scenes, studio.library, feathered)

    timings: dict[Callable[[], None], list[float]] = {ours: [], floor: []}
    for run in timings:  # compiles and maps what the first pictures need
        run()
    for _ in range(arguments.rounds):
        for run, spent in timings.items():
            start = time.perf_counter()
            run()
            spent.append(time.perf_counter() - start)
    return arguments.rows / statistics.median(timings[ours]), arguments.rows / statistics.median(timings[floor])


def write_floor(path: Path, scenes: list[Scene], library: Library, feathered: bool) -> None:
    """Make pictures of the scenes by the least calls there are."""
    rows = []
    for scene in scenes:
        x0, y0, x1, y1 = scene.backdrop.crop
        levels = library.background(scene.background_id)
        depth = min(int(np.log2(max((x1 - x0) / SIZE[1], 1))), len(levels) - 1)
        crop = levels[depth][y0 >> depth : y1 >> depth, x0 >> depth : x1 >> depth]
        image = cv2.resize(crop, SIZE[::-1], interpolation=cv2.INTER_LINEAR)
        mask = np.zeros(SIZE, np.uint8)
        for number, placement in enumerate(scene.placements, 1):
            assert isinstance(placement.source, Cutout)
            layers = library.foreground(placement.source.foreground_id)
            depth = min(int(np.log2(max(1 / placement.pose.scale, 1))), len(layers) - 1)
            paste(image, mask, number, layers[depth], placement.pose.scale * 2**depth, placement, feathered)
        jpeg = simplejpeg.encode_jpeg(image, 90, "RGB", "420", fastdct=False)
        rows.append({"image": jpeg, "mask": write_grey_png(mask)})
    pq.write_table(pa.Table.from_pylist(rows), path, compression="none", row_group_size=128)


def paste(
    image: np.ndarray, mask: np.ndarray, number: int, level: np.ndarray, scale: float, placement: Any, feathered: bool
) -> None:
    """Warp one level into its window and blend it in premultiplied codes."""
    matrix = cv2.getRotationMatrix2D((level.shape[1] / 2, level.shape[0] / 2), placement.pose.rotation, scale)
    reach = int(np.hypot(*level.shape[:2]) * scale / 2) + 1
    left, top = (int(value) - reach for value in placement.pose.center)
    matrix[:, 2] += np.array([reach - level.shape[1] / 2, reach - level.shape[0] / 2])
    layer = cv2.warpAffine(level, matrix, (2 * reach, 2 * reach))
    x0, y0, x1, y1 = max(left, 0), max(top, 0), min(left + 2 * reach, SIZE[1]), min(top + 2 * reach, SIZE[0])
    if x0 >= x1 or y0 >= y1:
        return
    layer = layer[y0 - top : y1 - top, x0 - left : x1 - left]
    alpha = cv2.extractChannel(layer, 3)
    if feathered:
        distance = cv2.distanceTransform((alpha > 127).view(np.uint8), cv2.DIST_L2, 3)
        layer = cv2.multiply(layer, cv2.merge([np.minimum(distance * np.float32(0.5), 1)] * 4), dtype=cv2.CV_8U)
        alpha = cv2.extractChannel(layer, 3)
    below = image[y0:y1, x0:x1]
    dimmed = cv2.multiply(below, cv2.merge([255 - alpha] * 3), scale=1 / 255)
    below[:] = cv2.add(dimmed, cv2.cvtColor(layer, cv2.COLOR_RGBA2RGB))
    mask[y0:y1, x0:x1][alpha > 127] = number


def whole_runs(assets: AssetsConfig, folder: Path, arguments: argparse.Namespace) -> dict[str, Any]:
    """Time `generate` as a user runs it, with one worker and with two, for few images and for many.

    The difference of the two is rendering alone; few images cost little but the start: imports, intake, the
    decoded assets, the cluster.
    """
    table = Table("workers", "seconds", "start-up", "images/s after it", title=f"generate, {arguments.images:,} images")
    spent: dict[tuple[int, int], list[float]] = {(w, n): [] for n in (FEW, arguments.images) for w in (1, 2)}
    _generate(assets, folder, 2, FEW)  # whatever is compiled or cached once
    for _ in range(arguments.rounds):
        for (workers, images), seconds in spent.items():
            start = time.perf_counter()
            _generate(assets, folder, workers, images)
            seconds.append(time.perf_counter() - start)
    results: dict[str, Any] = {"images": arguments.images}
    for workers in (1, 2):
        few, many = (statistics.median(spent[workers, images]) for images in (FEW, arguments.images))
        rate = (arguments.images - FEW) / (many - few)
        results[str(workers)] = {"seconds": many, "start_up": few - FEW / rate, "rate": rate}
        table.add_row(str(workers), f"{many:.1f}", f"{few - FEW / rate:.1f}", f"{rate:,.0f}")
    results["ratio"] = results["2"]["rate"] / results["1"]["rate"]
    Console().print(table, f"two workers render {results['ratio']:.2f} times as fast as one")
    return results


def memory(assets: AssetsConfig, folder: Path, arguments: argparse.Namespace) -> dict[str, float]:
    """Return the peak memory in MB of a worker after runs of two lengths, and of the process that schedules them."""
    results = {}
    for images in arguments.memory:
        over = threading.Event()
        with ThreadPoolExecutor(1) as watcher:
            peaks = watcher.submit(_watch, over)
            _generate(assets, folder, 2, images)
            over.set()
        results[f"worker, {images:,} images"], results[f"scheduler, {images:,} images"] = peaks.result()
    for name, megabytes in results.items():
        Console().print(f"peak memory, {name}: {megabytes:,.0f} MB")
    return results


def _watch(over: threading.Event) -> tuple[float, float]:
    """Return the largest resident memory in MB of any child process and of this one, until `over`."""
    me, child, own = psutil.Process(), 0, 0
    while not over.wait(0.2):
        own = max(own, me.memory_info().rss)
        for process in me.children(recursive=True):
            with suppress(psutil.NoSuchProcess):
                child = max(child, process.memory_info().rss)
    return child / 2**20, own / 2**20


def _generate(assets: AssetsConfig, folder: Path, workers: int, images: int) -> None:
    config = GenerationConfig.model_validate(
        {
            "seed": 1,
            "assets": assets.model_dump(),
            "size": SIZE,
            "samples": {"train": images},
            "recipe": RECIPES["paste"],
            "output": {"path": folder, "shard_rows": 500},
            "engine": {"workers": workers},
        }
    )
    with tempfile.TemporaryDirectory(dir=folder) as output:
        generate(config, Path(output), console=Console(quiet=True))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--foregrounds", type=Path, default=ROOT / "foregrounds")
    parser.add_argument("--backgrounds", type=Path, default=ROOT / "backgrounds")
    parser.add_argument("--rows", type=int, default=1000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--images", type=int, default=13_284, help="of a whole run: as many as the paper's")
    parser.add_argument("--memory", type=int, nargs="*", default=[20_000, 200_000], help="images of the memory runs")
    parser.add_argument("--json", type=Path)
    return parser.parse_args()


if __name__ == "__main__":
    main()
