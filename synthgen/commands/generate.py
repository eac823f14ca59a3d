"""`synthgen generate`: the dataset, and what it holds."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from synthgen.commands.options import Output, Overrides, PipelineFile, Scheduler, Workers
from synthgen.commands.terminal import console

if TYPE_CHECKING:
    from synthgen.config import PipelineConfig

__all__ = ["generate", "generate_dataset"]


def generate(
    pipeline: PipelineFile,
    output: Output = None,
    seed: Annotated[int | None, typer.Option(help="Seed; default: the file's.")] = None,
    workers: Workers = None,
    scheduler: Scheduler = None,
    set_: Overrides = None,
) -> None:
    """Generate the dataset, or continue it.

    Example: synthgen generate pipeline.yaml --output data/firearms --seed 1 --workers 2 --set samples.train=1000
    """
    from synthgen.config import load_pipeline

    options = {
        "seed": seed,
        "engine.workers": workers,
        "engine.kind": "scheduler" if scheduler else None,
        "engine.scheduler": scheduler,
    }
    given = {key: value for key, value in options.items() if value is not None}
    config = load_pipeline(pipeline, set_ or (), given)
    generate_dataset(config, (output or config.output.path).resolve())


def generate_dataset(config: PipelineConfig, output: Path) -> None:
    """Generate, or continue, a dataset in `output`, and say what it holds."""
    from synthgen import engine
    from synthgen.core.types import SPLITS

    manifest = engine.generate(config, output, console=console())
    rows = Counter({split: 0 for split in SPLITS})
    for entry in manifest.shards:
        rows[entry.split] += entry.rows
    counts = ", ".join(f"{rows[split]:,} {split}" for split in SPLITS)
    console().print(f"dataset: {output} ({counts})", soft_wrap=True)
    for noun, count in (
        ("objects found no place; see recipe.max_tries", sum(entry.unplaced for entry in manifest.shards)),
        ("targets are too hidden to be labelled", sum(entry.unlabelled for entry in manifest.shards)),
    ):
        if count:
            console().print(f"{count:,} {noun}")
