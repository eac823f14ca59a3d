"""`synthgen gap`: how far datasets are from photographs, without training on them."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from trainers.commands.options import Fit, given

__all__ = ["gap"]


def gap(
    images: Annotated[Path, typer.Option(help="Folder of photographs.")],
    datasets: Annotated[list[Path] | None, typer.Argument(help="Generated datasets.", metavar="DATASET…")] = None,
    experiment: Annotated[
        Path | None,
        typer.Option(help="Folder of an experiment: the datasets of its arms, and whether the gap predicts scores."),
    ] = None,
    encoder: Annotated[str | None, typer.Option(help="Name of an encoder.", show_default="mobilenet_v2")] = None,
    weights: Annotated[
        str | None, typer.Option(help="imagenet, a file of encoder weights, or none.", show_default="imagenet")
    ] = None,
    fit: Fit = None,
    group: Annotated[
        str | None, typer.Option(help="Regular expression of a photograph's source in its name.", show_default="each")
    ] = None,
    samples: Annotated[
        int | None, typer.Option(help="At most so many pictures of each set; 0 for all.", show_default="1000")
    ] = None,
    probe: Annotated[
        bool, typer.Option("--probe", help="Train a small network for each dataset to tell what is pasted.")
    ] = False,
    set_: Annotated[
        list[str] | None,
        typer.Option("--set", help="For --probe, where the assets are now: assets.foregrounds=DIR; repeatable."),
    ] = None,
    output: Annotated[Path, typer.Option(help="Folder for gap.json and gap.png.")] = Path("gap"),
) -> None:
    """Measure the kernel inception distance of datasets (split train) to photographs, with intervals.

    Example: synthgen gap data/one data/two --images photographs --weights mobilenet_v2.pth --output gap
    """
    from rich.console import Console

    from synthgen.core.yaml_file import validated
    from trainers.config.gap import GapConfig

    options = given(images=images, encoder=encoder, weights=weights, fit=fit, group=group, samples=samples)
    config = validated(GapConfig, options, "gap", base=Path.cwd())
    from trainers.commands.measuring import measure, subjects_of, write_report

    console, subjects = Console(), subjects_of(datasets or (), experiment)
    write_report(measure(config, subjects, console, probed=probe, overrides=set_ or ()), output, console)
