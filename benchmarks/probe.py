"""How well can a small network tell pasted from unpasted? 0.5 is perfect: no artefact of pasting is left.

What is pasted are pieces of other scenes, so that content gives nothing away: only edges, light and
sensor can. Windows around a paste are told from windows at such places in scenes without one. The
network learns on the scenes of the split "train" and is judged on those of "test". `synthgen gap --probe`
does the same for the recipe of a dataset.

    python benchmarks/probe.py --foregrounds DIR --backgrounds DIR --json probe.json
"""

from __future__ import annotations

import argparse
import json
import tempfile
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from synthgen.core.progress import progress
from synthgen.core.types import Split
from synthgen.core.yaml_file import set_value
from synthgen.studio import Studio, StudioConfig
from trainers.commands.probing import PASTE, windows
from trainers.gap.probe import Windows, auc, fit_probe

ROOT = Path(__file__).resolve().parent.parent
SIZE = (128, 128)
SPLITS: tuple[Split, ...] = ("train", "test")
RECIPES: dict[str, dict[str, Any]] = {
    "hard paste": {"blend": {"modes": ["none"]}, "linear_light": False},
    "feather": {"blend": {"modes": ["feather"]}},
    "full": {
        "blend": {"modes": ["none", "feather", "gaussian", "box", "motion", "poisson", "laplacian"]},
        "harmonize": {"modes": ["none", "exposure", "reinhard", "histogram"]},
        "shadow": {"modes": ["none", "contact"]},
        "camera": {"preset": "cctv-day"},
    },
}


def main() -> None:
    """Train and judge a probe for every recipe; print a table, write JSON."""
    arguments = _arguments()
    table = Table("recipe", "AUC on held-out scenes", "AUC on its own scenes", title="Probe: pasted or not?")
    scores: dict[str, dict[str, float]] = {}
    console = Console()
    with tempfile.TemporaryDirectory() as folder:
        for name, changes in RECIPES.items():
            studio = Studio.open(_config(changes, arguments), Path(folder))
            train, test = (_windows(studio, split, console) for split in SPLITS)
            with progress(console, f"probe of {name}", total=arguments.epochs, unit="epochs") as report:
                probe = fit_probe(train, epochs=arguments.epochs, report=report)
            scores[name] = {"held_out": auc(probe, test).value, "own": auc(probe, train).value}
            table.add_row(name, f"{scores[name]['held_out']:.3f}", f"{scores[name]['own']:.3f}")
    console.print(table)
    if arguments.json:
        arguments.json.write_text(json.dumps({"windows": arguments.windows, "scores": scores}, indent=2) + "\n")


def _windows(studio: Studio, split: Split, console: Console) -> Windows:
    with progress(console, split, total=studio.config.samples.of(split), unit="scenes") as report:
        return windows(studio, split, report)


def _config(changes: dict[str, Any], arguments: argparse.Namespace) -> StudioConfig:
    values: dict[str, Any] = {
        "assets": {"foregrounds": arguments.foregrounds, "backgrounds": arguments.backgrounds},
        "size": SIZE,
        "samples": {"train": 2 * arguments.windows, "test": 2 * (arguments.windows // 4)},
        "recipe": {**changes},
    }
    for key, value in PASTE.items():
        set_value(values, key, value, "probe")
    return StudioConfig.model_validate(values)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--foregrounds", type=Path, default=ROOT / "foregrounds")
    parser.add_argument("--backgrounds", type=Path, default=ROOT / "backgrounds")
    parser.add_argument("--windows", type=int, default=3000, help="of each kind, for training")
    parser.add_argument("--epochs", type=int, default=10)
    parser.add_argument("--json", type=Path)
    return parser.parse_args()


if __name__ == "__main__":
    main()
