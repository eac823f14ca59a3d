"""How much of a training step waits for data: steps a second from shards, and on what is in memory already.

    python benchmarks/train_input.py --foregrounds DIR --backgrounds DIR --json train_input.json

Segmentation: U-Net over EfficientNet-B0, channels_last, dice loss and Adam as `synthgen train` has, beside noise in
the memory of the device. Detection: Mask R-CNN over MobileNetV2, which reads boxes and masks, beside batches that the
loader gave before. bf16 on a GPU. Both runs alternate in one process; medians are reported.
"""

from __future__ import annotations

import argparse
import itertools
import json
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import torch
from rich.console import Console
from rich.table import Table
from torch import Tensor

from synthgen.engine import GenerationConfig, generate
from trainers.config.detection import DetectionConfig
from trainers.config.segmentation import SegmentationConfig
from trainers.learn.learner import Learner
from trainers.loading.loader import ShardLoader
from trainers.loading.targets import Batch
from trainers.models.registry import build_network
from trainers.tasks.detection.task import DETECTION
from trainers.tasks.segmentation.learner import Known, Segmentation

ROOT = Path(__file__).resolve().parent.parent
SIZE = (256, 256)
SHARDS, MEMORY = "shards", "memory"
KEPT = 32  # batches in memory, so that they show about as many targets as the others


def main() -> None:
    """Measure; print tables, write JSON."""
    arguments = _arguments()
    device = "cuda" if torch.cuda.is_available() else "cpu"
    with tempfile.TemporaryDirectory() as folder:
        dataset = Path(folder) / "dataset"
        _generate(dataset, arguments)
        results = {
            "device": torch.cuda.get_device_name() if device == "cuda" else "CPU",
            "segmentation": _segmentation(dataset, arguments, device),
            "detection": _detection(dataset, arguments, device),
        }
    for task in ("segmentation", "detection"):
        _print(task, results[task], results["device"])
    if arguments.json:
        arguments.json.write_text(json.dumps(results, indent=2) + "\n")


def _segmentation(dataset: Path, arguments: argparse.Namespace, device: str) -> dict[str, Any]:
    config = SegmentationConfig(encoder="efficientnet-b0")
    module = Segmentation(build_network(config), config).train().to(device)
    loader = ShardLoader(dataset, "train", batch_size=arguments.batch, seed=0, shuffle=True, pinned=device == "cuda")
    sources: dict[str, Iterator[tuple[Tensor, Known]]] = {
        SHARDS: ((module.images_of(batch), module.known_of(batch)) for batch in _endless(loader)),
        MEMORY: itertools.repeat(_noise(arguments.batch, module.device)),
    }
    return _compared(module, lambda known: module.loss_on(*known), sources, arguments.batch, arguments)


def _detection(dataset: Path, arguments: argparse.Namespace, device: str) -> dict[str, Any]:
    config = DetectionConfig(network="mask_rcnn", encoder="mobilenet_v2")
    module = DETECTION.learner(DETECTION.network(config), config).train().to(device)
    batch = max(1, arguments.batch // 4)
    loader = ShardLoader(
        dataset,
        "train",
        batch_size=batch,
        seed=0,
        shuffle=True,
        pinned=device == "cuda",
        collate=DETECTION.collate(config),
    )
    sources = {SHARDS: _endless(loader), MEMORY: itertools.cycle(list(itertools.islice(loader, KEPT)))}
    return _compared(module, module.loss_of, sources, batch, arguments)


def _compared(
    module: Learner, loss: Callable[[Any], Tensor], sources: Mapping[str, Iterator[Any]], batch: int, arguments: Any
) -> dict[str, Any]:
    """Train on each source in turn; return medians."""
    optimizer = torch.optim.AdamW(module.groups())
    found: dict[str, list[tuple[float, float]]] = {name: [] for name in sources}
    for number in range(arguments.rounds + 1):
        for name, batches in sources.items():
            measured = _steps(module, loss, optimizer, batches, arguments.steps)
            if number:  # the first round warms up
                found[name].append(measured)
    rates = {name: statistics.median(rate for rate, _ in runs) for name, runs in found.items()}
    return {
        "batch": batch,
        "steps_a_second": rates,
        "share_waiting": statistics.median(waited for _, waited in found[SHARDS]),
        "share_of_ceiling": rates[SHARDS] / rates[MEMORY],
    }


def _print(task: str, found: Mapping[str, Any], device: str) -> None:
    table = Table("batches from", "steps/s", "images/s", title=f"{task}, 256×256, {device}")
    for name, rate in found["steps_a_second"].items():
        table.add_row(name, f"{rate:.2f}", f"{rate * found['batch']:,.1f}")
    Console().print(table)
    share, waiting = found["share_of_ceiling"], found["share_waiting"]
    Console().print(f"{share:.3f} of the ceiling; {waiting:.4f} of the time waits for data")


def _steps(
    module: Learner,
    loss: Callable[[Any], Tensor],
    optimizer: torch.optim.Optimizer,
    batches: Iterator[Any],
    count: int,
) -> tuple[float, float]:
    """Train for `count` steps; return steps a second and the share of the time spent waiting for batches."""
    waited = 0.0
    start = time.perf_counter()
    for _ in range(count):
        asked = time.perf_counter()
        batch = next(batches)
        waited += time.perf_counter() - asked
        with torch.autocast(module.device.type, torch.bfloat16, enabled=module.device.type == "cuda"):
            value = loss(batch)
        value.backward()
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)
    if module.device.type == "cuda":
        torch.cuda.synchronize()
    spent = time.perf_counter() - start
    return count / spent, waited / spent


def _endless(loader: ShardLoader) -> Iterator[Batch]:
    """Yield epoch after epoch."""
    while True:
        yield from loader


def _noise(size: int, device: torch.device) -> tuple[Tensor, Known]:
    """Return images and masks of noise on the device."""
    images = torch.randint(0, 256, (size, *SIZE, 3), dtype=torch.uint8, device=device).permute(0, 3, 1, 2)
    return images, Known(images[:, :1] > 250, None)


def _generate(dataset: Path, arguments: argparse.Namespace) -> None:
    config = GenerationConfig.model_validate(
        {
            "seed": 1,
            "assets": {"foregrounds": arguments.foregrounds, "backgrounds": arguments.backgrounds},
            "size": SIZE,
            "samples": {"train": arguments.batch * 32},  # whole batches only, so that all steps are alike
            "output": {"path": dataset, "shard_rows": 512},
        }
    )
    generate(config, dataset, console=Console(quiet=True))


def _arguments() -> argparse.Namespace:
    gpu = torch.cuda.is_available()
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--foregrounds", type=Path, default=ROOT / "foregrounds")
    parser.add_argument("--backgrounds", type=Path, default=ROOT / "backgrounds")
    parser.add_argument("--batch", type=int, default=128 if gpu else 8)
    parser.add_argument("--steps", type=int, default=50 if gpu else 10, help="of one round")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--json", type=Path)
    return parser.parse_args()


if __name__ == "__main__":
    main()
