"""`synthgen doctor`: whether this machine can do the work."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from synthgen.commands.options import Output, Overrides
from synthgen.commands.terminal import console

__all__ = ["doctor"]

COLOURS = {"ok": "green", "warning": "yellow", "broken": "red"}


def doctor(
    pipeline: Annotated[
        Path | None, typer.Argument(help="A pipeline file, for its output, samples and workers.", metavar="[PIPELINE]")
    ] = None,
    output: Output = None,
    set_: Overrides = None,
) -> None:
    """Look at packages, devices, memory, disk and permissions, and say what to do; exit 1 if something is broken.

    Example: synthgen doctor pipeline.yaml --output data/firearms
    """
    from rich.table import Table
    from rich.text import Text

    from synthgen.config import load_pipeline
    from synthgen.core.types import SPLITS
    from synthgen.start.machine import Need, examine

    need = Need(output or Path())
    if pipeline is not None:
        config = load_pipeline(pipeline, set_ or ())
        samples = sum(map(config.samples.of, SPLITS))
        pixels = config.size[0] * config.size[1]
        need = Need(output or config.output.path, samples, pixels, config.engine.workers)
    checks = list(examine(need))
    table = Table(show_header=False, box=None, padding=(0, 1))
    for check in checks:
        advice = f"\n→ {check.advice}" if check.advice else ""
        table.add_row(Text(check.state, COLOURS[check.state]), check.name, f"{check.found}{advice}")
    console().print(table)
    if broken := [check.name for check in checks if check.state == "broken"]:
        console().print(f"broken: {', '.join(broken)}", style="red")
        raise typer.Exit(1)
