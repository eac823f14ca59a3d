"""How well can a small network tell pasted from unpasted? 0.5 is perfect: no artefact of pasting is left.

What is pasted are pieces of other scenes, so that content gives nothing away: only edges, light and
sensor can. Windows around a paste are told from windows at such places in scenes without one. The
network learns on the scenes of the split "train" and is judged on those of "test".

    python benchmarks/probe.py --foregrounds DIR --backgrounds DIR --json probe.json
"""

from __future__ import annotations

import argparse
import json
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from rich.console import Console
from rich.progress import track
from rich.table import Table
from torch import nn
from torchmetrics.functional.classification import binary_auroc

from synthgen.core.types import RGB, Split
from synthgen.studio import Studio, StudioConfig

ROOT = Path(__file__).resolve().parent.parent
SIZE, WINDOW = (128, 128), 64
SPLITS: tuple[Split, ...] = ("train", "test")
PASTE: dict[str, Any] = {
    "negatives": 1.0,
    "distractors": {"min": 0, "max": 0},
    "decoys": {"count": {"min": 1, "max": 1}},
    "scale": {"min": 0.2, "max": 0.4},
    "truncation": {"probability": 0},
}
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
    with tempfile.TemporaryDirectory() as folder:
        for name, changes in RECIPES.items():
            studio = Studio.open(_config(changes, arguments), Path(folder))
            train, test = (windows(studio, split) for split in SPLITS)
            probe = fit(*train, epochs=arguments.epochs)
            scores[name] = {"held_out": auc(probe, *test), "own": auc(probe, *train)}
            table.add_row(name, f"{scores[name]['held_out']:.3f}", f"{scores[name]['own']:.3f}")
    Console().print(table)
    if arguments.json:
        arguments.json.write_text(json.dumps({"windows": arguments.windows, "scores": scores}, indent=2) + "\n")


def _config(changes: dict[str, Any], arguments: argparse.Namespace) -> StudioConfig:
    return StudioConfig.model_validate(
        {
            "assets": {"foregrounds": arguments.foregrounds, "backgrounds": arguments.backgrounds},
            "size": SIZE,
            "samples": {"train": 2 * arguments.windows, "test": 2 * (arguments.windows // 4)},
            "recipe": {**PASTE, **changes},
        }
    )


def windows(studio: Studio, split: Split) -> tuple[torch.Tensor, torch.Tensor]:
    """Return uint8 windows (n, 3, w, w) and labels: half of them around pastes, half without any."""
    pasted, plain = [], []
    for index in track(range(studio.config.samples.of(split)), description=split):
        scene = studio.scene(split, index)
        if not scene.placements:
            continue
        center = scene.placements[0].pose.center
        if index % 2:
            plain.append(cut(studio.render(replace(scene, placements=())).image, center))
        else:
            pasted.append(cut(studio.render(scene).image, center))
    labels = torch.tensor([1] * len(pasted) + [0] * len(plain))
    return torch.from_numpy(np.stack(pasted + plain).transpose(0, 3, 1, 2).copy()), labels


def cut(image: RGB, center: tuple[float, float]) -> RGB:
    """Return the window around a point, moved inside the frame."""
    x, y = (
        min(max(round(value) - WINDOW // 2, 0), side - WINDOW) for value, side in zip(center, SIZE[::-1], strict=True)
    )
    return image[y : y + WINDOW, x : x + WINDOW]


def fit(images: torch.Tensor, labels: torch.Tensor, *, epochs: int) -> nn.Module:
    """Train a network of five convolutions."""
    torch.manual_seed(0)
    layers: list[nn.Module] = []
    for into, out in ((3, 24), (24, 32), (32, 48), (48, 64), (64, 64)):
        layers += [nn.Conv2d(into, out, 3, padding=1), nn.BatchNorm2d(out), nn.ReLU(), nn.MaxPool2d(2)]
    probe = nn.Sequential(*layers, nn.Flatten(), nn.Dropout(0.3), nn.Linear(64 * (WINDOW // 32) ** 2, 1))
    optimizer = torch.optim.AdamW(probe.parameters(), lr=2e-3, weight_decay=1e-2)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, 4e-3, total_steps=epochs * -(-len(images) // 64))
    for _ in track(range(epochs), description="probe"):
        for rows in torch.randperm(len(images)).split(64):
            batch = images[rows].float() / 127.5 - 1
            if torch.rand(()) < 0.5:
                batch = batch.flip(3)
            loss = nn.functional.binary_cross_entropy_with_logits(probe(batch)[:, 0], labels[rows].float())
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            schedule.step()
    return probe.eval()


@torch.inference_mode()
def auc(probe: nn.Module, images: torch.Tensor, labels: torch.Tensor) -> float:
    """Return the area under the ROC curve."""
    logits = torch.cat([probe(part.float() / 127.5 - 1)[:, 0] for part in images.split(256)])
    return float(binary_auroc(logits, labels))


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
