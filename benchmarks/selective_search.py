"""CPU seconds of selective search a picture of 480×640, first regions and grouping apart, beside opencv-contrib's.

    python -m venv .venv-contrib && .venv-contrib/bin/pip install opencv-contrib-python-headless
    python benchmarks/selective_search.py --contrib .venv-contrib/bin/python --json selective_search.json

opencv-contrib and opencv share the name cv2, so it runs in an environment of its own, on the same pictures: with one
strategy as ours ("single"), and as its users call it ("fast", of eight strategies). One thread each. Rounds of all
alternate, and medians over pictures and rounds are reported. CPU time says more than the clock where others share the
machine.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from rich.console import Console
from rich.table import Table

from synthgen.core.types import RGB
from trainers.proposals.selective_search import SelectiveSearch

ROOT = Path(__file__).resolve().parent.parent
SIZE = (480, 640)
PEER = Path(__file__).with_name("selective_search_peer.py")
STRATEGIES = ("single", "fast")


def main() -> None:
    """Measure; print a table, write JSON."""
    arguments = _arguments()
    cv2.setNumThreads(1)
    with tempfile.TemporaryDirectory() as folder:
        files = _pictures(arguments.backgrounds, arguments.pictures, Path(folder))
        pictures = [cv2.imread(str(file))[:, :, ::-1] for file in files]
        _ours(pictures[:1])  # compiles
        runs: dict[str, list[dict[str, float]]] = {}
        for _ in range(arguments.rounds):
            runs.setdefault("synthgen", []).extend(_ours(pictures))
            for strategy in STRATEGIES if arguments.contrib else ():
                runs.setdefault(f"opencv-contrib, {strategy}", []).extend(_theirs(arguments.contrib, strategy, files))
    results = {
        name: {key: statistics.median(run[key] for run in found) for key in found[0]} for name, found in runs.items()
    }
    _print(results)
    if arguments.json:
        arguments.json.write_text(json.dumps({"pictures": arguments.pictures, "searches": results}, indent=2) + "\n")


def _pictures(source: Path, count: int, folder: Path) -> list[Path]:
    """Bring photos to one size, and write them where both environments can read them."""
    photos = sorted(path for path in source.iterdir() if path.suffix in {".jpg", ".png"})
    files = []
    for photo in photos[:: max(1, len(photos) // count)][:count]:
        files.append(folder / f"{photo.stem}.png")
        cv2.imwrite(str(files[-1]), cv2.resize(cv2.imread(str(photo)), SIZE[::-1], interpolation=cv2.INTER_AREA))
    return files


def _ours(pictures: list[RGB]) -> list[dict[str, float]]:
    search, found = SelectiveSearch(), []
    for picture in pictures:
        image = np.ascontiguousarray(picture)
        began = time.process_time()
        search.regions(image)
        regions = time.process_time() - began
        boxes = search(image)
        whole = time.process_time() - began - regions
        found.append({"seconds": whole, "regions": regions, "grouping": whole - regions, "boxes": len(boxes)})
    return found


def _theirs(python: Path, strategy: str, files: list[Path]) -> list[dict[str, float]]:
    command = [str(python), str(PEER), strategy, *map(str, files)]
    found: list[dict[str, float]] = json.loads(subprocess.run(command, check=True, capture_output=True).stdout)
    return found


def _print(results: dict[str, dict[str, Any]]) -> None:
    table = Table("search", "CPU s a picture", "first regions", "grouping", "boxes", title="480×640, one thread")
    for name, found in results.items():
        parts = [f"{found[key]:.2f}" if key in found else "" for key in ("regions", "grouping")]
        table.add_row(name, f"{found['seconds']:.2f}", *parts, f"{found['boxes']:,.0f}")
    Console().print(table)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--backgrounds", type=Path, default=ROOT / "backgrounds")
    parser.add_argument(
        "--contrib", type=Path, help="python of an environment with opencv-contrib; without it, ours alone"
    )
    parser.add_argument("--pictures", type=int, default=10)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--json", type=Path)
    return parser.parse_args()


if __name__ == "__main__":
    main()
