"""`synthgen generate`: the dataset, and what it holds."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from synthgen.commands.options import Output, Overrides, PipelineFile, Scheduler, Workers
from synthgen.commands.terminal import console, save_picture, say_dataset

if TYPE_CHECKING:
    from synthgen.config import PipelineConfig

__all__ = ["foretell_dataset", "generate", "generate_dataset"]

DRAWN = 9  # samples of a dry run


def generate(
    pipeline: PipelineFile,
    output: Output = None,
    seed: Annotated[int | None, typer.Option(help="Seed; default: the file's.")] = None,
    workers: Workers = None,
    scheduler: Scheduler = None,
    set_: Overrides = None,
    dry_run: Annotated[
        bool,
        typer.Option("--dry-run", help="Write no dataset; say what it would hold and cost; draw nine samples."),
    ] = False,
) -> None:
    """Generate the dataset, or continue it; with --dry-run say what it would hold and cost.

    The same command goes on where it stopped; with more samples, it lets the dataset grow.

    Example: synthgen generate pipeline.yaml --output data/first --seed 1 --workers 2 --set samples.train=1000
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
    folder = (output or config.output.path).resolve()
    if dry_run:
        foretell_dataset(config, folder)
    else:
        generate_dataset(config, folder)


def foretell_dataset(config: PipelineConfig, output: Path) -> None:
    """Render a few samples; say what all of them would be, and draw nine beside `output`.

    Raises:
        OutputError: The disk has no room for the dataset.
    """
    from dask.system import CPU_COUNT

    from synthgen.engine.disk import require_room
    from synthgen.engine.forecast import forecast
    from synthgen.engine.trial import try_out
    from synthgen.report.contact_sheet import sheet_of, tile

    trial = try_out(config)
    foretold = forecast(trial, config, CPU_COUNT)
    console().print(f"dry run of {foretold.tried} samples; no dataset was written", soft_wrap=True)
    for line in foretold.lines():
        console().print(line, soft_wrap=True)
    few = trial.samples[:: max(len(trial.samples) // DRAWN, 1)][:DRAWN]
    tiles = [tile(sample.name, sample.image, sample.mask, sample.instances) for sample in few]
    sheet = sheet_of(tiles, f"{output.name} · dry run", f"{len(few)} of {foretold.rows}", columns=3)
    save_picture(output.with_name(f"{output.name}-dry-run.png"), sheet)
    require_room(output, config, row_bytes=trial.row_bytes)


def generate_dataset(config: PipelineConfig, output: Path) -> None:
    """Generate, or continue, a dataset in `output`, and say what it holds."""
    from synthgen import engine

    manifest = engine.generate(config, output, console=console())
    say_dataset(output, manifest)
    for noun, count in (
        ("objects found no place; see recipe.max_tries", sum(entry.unplaced for entry in manifest.shards)),
        ("targets are too hidden to be labelled", sum(entry.unlabelled for entry in manifest.shards)),
    ):
        if count:
            console().print(f"{count:,} {noun}")
