"""Files a second of `assets import`, of 1,000 RGBA files of 512×512 that need no change.

    python benchmarks/import.py --foregrounds DIR --backgrounds DIR --json import.json

Each file is the silhouette of a cutout, turned, filled with a part of a scene, so that no two resemble each other. The
floor reads, decodes by the same function, and writes durably by the same function, in sixteen threads: no import
that looks at what it takes in can do without. Rounds alternate; medians are reported.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from io import BytesIO
from pathlib import Path

import cv2
import numpy as np
from rich.console import Console
from rich.table import Table

from synthgen.core.files import write_atomic
from synthgen.core.pictures import read_background, read_foreground, write_picture
from synthgen.formats.cutouts.registry import CUTOUT_FORMATS
from synthgen.formats.offer import ReadOptions
from synthgen.importing.settings import ImportSettings
from synthgen.importing.take_in import take_in

ROOT = Path(__file__).resolve().parent.parent
SIDE, THREADS = 512, 16
SUFFIXES = (".png", ".jpg")


def main() -> None:
    """Measure; print a table, write JSON."""
    arguments = _arguments()
    with tempfile.TemporaryDirectory(dir=arguments.place) as folder:
        source = Path(folder) / "source"
        _make_files(source, arguments)
        results = measured(source, Path(folder) / "into", arguments.rounds)
        size = statistics.mean(path.stat().st_size for path in source.iterdir())
    _print(results, arguments.files)
    if arguments.json:
        values = {"files": arguments.files, "size": [SIDE, SIDE], "bytes": round(size), "cores": os.cpu_count()}
        values |= {"rounds": arguments.rounds, "results": results}
        arguments.json.write_text(json.dumps(values, indent=2) + "\n")


def measured(source: Path, into: Path, rounds: int) -> dict[str, dict[str, float]]:
    """Return files a second, and milliseconds of all cores for each file."""
    files = len(list(source.iterdir()))
    calls: dict[str, Callable[[Path, Path], None]] = {"ours": _import, "floor: read, decode, write": _floor}
    runs: dict[str, list[tuple[float, float]]] = {name: [] for name in calls}
    for _ in range(rounds):
        for name, call in calls.items():
            runs[name].append(_timed(partial(call, source, into)))
            shutil.rmtree(into)
    medians = {name: [statistics.median(each) for each in zip(*found, strict=True)] for name, found in runs.items()}
    return {name: {"rate": files / wall, "cpu_ms": 1000 * cpu / files} for name, (wall, cpu) in medians.items()}


def _make_files(folder: Path, arguments: argparse.Namespace) -> None:
    folder.mkdir()
    cutouts, scenes = (_pictures(path) for path in (arguments.foregrounds, arguments.backgrounds))
    alphas = [read_foreground(path)[0][:, :, 3] for path in cutouts]
    rng = np.random.default_rng(7)
    for number in range(arguments.files):
        alpha = _turned(alphas[number % len(alphas)], float(rng.uniform(-180, 180)))
        scene = read_background(scenes[number % len(scenes)])[0]
        y, x = (int(rng.integers(0, max(1, length - SIDE // 2))) for length in scene.shape[:2])
        part = cv2.resize(scene[y : y + SIDE // 2, x : x + SIDE // 2], (SIDE, SIDE), interpolation=cv2.INTER_CUBIC)
        part[alpha == 0] = 0
        write_picture(folder / f"cutout-{number:04d}x.png", np.dstack([part, alpha]))


def _pictures(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.suffix in SUFFIXES)


def _turned(alpha: np.ndarray, degrees: float) -> np.ndarray:
    """Return it turned, and as large as fits."""
    height, width = alpha.shape
    scale = SIDE / np.hypot(height, width)
    matrix = cv2.getRotationMatrix2D((width / 2, height / 2), degrees, scale)
    matrix[:, 2] += (SIDE - width) / 2, (SIDE - height) / 2
    turned: np.ndarray = cv2.warpAffine(alpha, matrix, (SIDE, SIDE), flags=cv2.INTER_AREA)
    return turned


def _import(source: Path, into: Path) -> None:
    found = take_in(CUTOUT_FORMATS["rgba"].read(source, ReadOptions()), into, ImportSettings(name="source"))
    assert found.categories.total() == len(list(source.iterdir())) and not found.converted


def _floor(source: Path, into: Path) -> None:
    into.mkdir()

    def copy(path: Path) -> None:
        data = path.read_bytes()
        read_foreground(BytesIO(data))
        write_atomic(into / path.name, data)

    with ThreadPoolExecutor(THREADS) as pool:
        for _ in pool.map(copy, sorted(source.iterdir())):
            pass


def _timed(call: Callable[[], None]) -> tuple[float, float]:
    """Return the seconds that it takes, and the seconds of all cores."""
    wall, cpu = time.perf_counter(), time.process_time()
    call()
    return time.perf_counter() - wall, time.process_time() - cpu


def _print(results: dict[str, dict[str, float]], files: int) -> None:
    table = Table("", "files/s", "CPU time a file", title=f"{files:,} RGBA files of {SIDE}×{SIDE}")
    for name, found in results.items():
        table.add_row(name, f"{found['rate']:,.0f}", f"{found['cpu_ms']:.2f} ms")
    Console().print(table)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--foregrounds", type=Path, default=ROOT / "foregrounds")
    parser.add_argument("--backgrounds", type=Path, default=ROOT / "backgrounds")
    parser.add_argument("--place", type=Path, help="folder to write in; default: the system's for temporary files")
    parser.add_argument("--files", type=int, default=1_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--json", type=Path)
    return parser.parse_args()


if __name__ == "__main__":
    main()
