"""The paste probe: can a small network tell windows around a paste from windows without one? 0.5 means it cannot.

What such windows are is not decided here; `trainers.commands.probing` cuts them out of rendered scenes.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Float32, Int64, UInt8
from torch import Tensor, nn

from synthgen.core.progress import Report
from trainers.gap.estimate import Estimate, redrawn

__all__ = ["EPOCHS", "WINDOW", "Windows", "auc", "fit_probe"]

WINDOW = 64  # side, pixels
BATCH, EPOCHS = 64, 10
CHANNELS = ((3, 24), (24, 32), (32, 48), (48, 64), (64, 64))


@dataclass(frozen=True, slots=True, eq=False)
class Windows:
    """Windows of pictures, and which of them hold a paste.

    Attributes:
        images: RGB, `WINDOW` pixels high and wide.
        labels: 1 for a paste, 0 for none.
    """

    images: UInt8[np.ndarray, "n h w 3"]
    labels: Int64[np.ndarray, " n"]


def fit_probe(windows: Windows, *, epochs: int = EPOCHS, report: Report | None = None) -> nn.Module:
    """Train a network of five convolutions on half-mirrored batches; the same windows give the same network.

    Args:
        windows: With and without paste.
        epochs: Passes over them.
        report: Is told of each epoch.
    """
    with torch.random.fork_rng():
        torch.manual_seed(0)
        probe = _network()
        steps = epochs * -(-len(windows.labels) // BATCH)
        optimizer = torch.optim.AdamW(probe.parameters(), lr=2e-3, weight_decay=1e-2)
        schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, 4e-3, total_steps=steps)
        images, labels = _channels_first(windows.images), torch.from_numpy(windows.labels)
        for _ in range(epochs):
            for rows in torch.split(torch.randperm(len(images)), BATCH):
                batch = images[rows].float() / 127.5 - 1
                if torch.rand(()) < 0.5:
                    batch = batch.flip(3)
                loss = nn.functional.binary_cross_entropy_with_logits(probe(batch)[:, 0], labels[rows].float())
                optimizer.zero_grad()
                loss.backward()  # type: ignore[no-untyped-call]
                optimizer.step()
                schedule.step()
            if report is not None:
                report()
    return probe.eval()


def auc(probe: nn.Module, windows: Windows) -> Estimate:
    """Return the area under the ROC curve: how often a paste looks more like one than what is none (Hanley 1982).

    The interval resamples windows of either kind; that another training would give another network is not in it.
    """
    logits = _logits(probe, windows.images)
    pasted, plain = logits[windows.labels == 1], logits[windows.labels == 0]
    wins = (pasted[:, None] > plain) + 0.5 * (pasted[:, None] == plain)
    drawn = (redrawn(len(pasted), 0) @ wins * redrawn(len(plain), 1)).sum(axis=1) / wins.size
    return Estimate.of(float(wins.mean()), drawn)


def _network() -> nn.Module:
    layers: list[nn.Module] = []
    for into, out in CHANNELS:
        layers += [nn.Conv2d(into, out, 3, padding=1), nn.BatchNorm2d(out), nn.ReLU(), nn.MaxPool2d(2)]
    side = WINDOW // 2 ** len(CHANNELS)
    return nn.Sequential(*layers, nn.Flatten(), nn.Dropout(0.3), nn.Linear(CHANNELS[-1][1] * side**2, 1))


@torch.inference_mode()
def _logits(probe: nn.Module, images: UInt8[np.ndarray, "n h w 3"]) -> Float32[np.ndarray, " n"]:
    parts = [probe(part.float() / 127.5 - 1)[:, 0] for part in torch.split(_channels_first(images), 256)]
    found: np.ndarray = torch.cat(parts).numpy()
    return found


def _channels_first(images: UInt8[np.ndarray, "n h w 3"]) -> Tensor:
    return torch.from_numpy(images.transpose(0, 3, 1, 2).copy())
