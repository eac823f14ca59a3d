"""How much of a training step waits for data: steps a second from shards, and on tensors that are there already.

    python benchmarks/train_input.py --foregrounds DIR --backgrounds DIR --json train_input.json

U-Net over EfficientNet-B0, channels_last, dice loss and Adam as `synthgen train` has them; bf16 on a GPU.
Both runs alternate in one process; medians are reported.
"""

from __future__ import annotations

import argparse
import itertools
import json
import statistics
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import torch
from rich.console import Console
from rich.table import Table

from synthgen.engine import GenerationConfig, generate
from trainers.config.segmentation import SegmentationConfig
from trainers.loading.loader import ShardLoader
from trainers.loading.targets import Batch
from trainers.models.registry import build_network
from trainers.tasks.segmentation.learner import Known, Segmentation

ROOT = Path(__file__).resolve().parent.parent
SIZE = (256, 256)
Arguments = tuple[torch.Tensor, Known]  # images, and what is known of them


def main() -> None:
    """Measure; print a table, write JSON."""
    arguments = _arguments()
    gpu = torch.cuda.is_available()
    module = Segmentation(build_network(SegmentationConfig(encoder="efficientnet-b0")), SegmentationConfig()).train()
    module = module.to("cuda" if gpu else "cpu")
    with tempfile.TemporaryDirectory() as folder:
        dataset = Path(folder) / "dataset"
        _generate(dataset, arguments)
        loader = ShardLoader(dataset, "train", batch_size=arguments.batch, seed=0, shuffle=True, pinned=gpu)
        resident = noise(arguments.batch, module.device)
        sources: dict[str, Iterator[Arguments]] = {
            "shards": ((module.images_of(batch), module.known_of(batch)) for batch in endless(loader)),
            "memory of the device": itertools.repeat(resident),
        }
        found: dict[str, list[tuple[float, float]]] = {name: [] for name in sources}
        optimizer = module.configure_optimizers()
        for number in range(arguments.rounds + 1):
            for name, batches in sources.items():
                measured = steps(module, optimizer, batches, arguments.steps)
                if number:  # the first round warms up
                    found[name].append(measured)
    results = {
        "device": torch.cuda.get_device_name() if gpu else "CPU",
        "batch": arguments.batch,
        "steps_a_second": {name: statistics.median(rate for rate, _ in runs) for name, runs in found.items()},
        "share_waiting": statistics.median(waited for _, waited in found["shards"]),
    }
    rates = results["steps_a_second"]
    results["share_of_ceiling"] = rates["shards"] / rates["memory of the device"]
    table = Table("batches from", "steps/s", "images/s", title=f"U-Net/EfficientNet-B0, 256×256, {results['device']}")
    for name, rate in rates.items():
        table.add_row(name, f"{rate:.2f}", f"{rate * arguments.batch:,.1f}")
    Console().print(table)
    Console().print(
        f"{results['share_of_ceiling']:.3f} of the ceiling; {results['share_waiting']:.4f} of the time waits for data"
    )
    if arguments.json:
        arguments.json.write_text(json.dumps(results, indent=2) + "\n")


def steps(
    module: Segmentation,
    optimizer: torch.optim.Optimizer,
    batches: Iterator[Arguments],
    count: int,
) -> tuple[float, float]:
    """Train for `count` steps; return steps a second and the share of the time spent waiting for batches."""
    waited = 0.0
    start = time.perf_counter()
    for _ in range(count):
        asked = time.perf_counter()
        arguments = next(batches)
        waited += time.perf_counter() - asked
        with torch.autocast(module.device.type, torch.bfloat16, enabled=module.device.type == "cuda"):
            loss = module.loss_on(*arguments)
        loss.backward()
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)
    if module.device.type == "cuda":
        torch.cuda.synchronize()
    spent = time.perf_counter() - start
    return count / spent, waited / spent


def endless(loader: ShardLoader) -> Iterator[Batch]:
    """Yield epoch after epoch."""
    while True:
        yield from loader


def noise(size: int, device: torch.device) -> Arguments:
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
