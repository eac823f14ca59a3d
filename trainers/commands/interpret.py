"""`synthgen interpret`: what the heads of a CLIP look at."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from synthgen.core.progress import Report
    from synthgen.core.types import AnyRGB
    from synthgen.formats.photograph import PhotographSamples
    from trainers.config.localizer import LocalizerConfig

__all__ = ["interpret"]

BATCH = 8


def interpret(
    model: Annotated[str, typer.Argument(help="A CLIP with a vision transformer.", metavar="CLIP")],
    images: Annotated[Path, typer.Argument(help="Folder of photographs that differ as those do that matter.")],
    output: Annotated[Path, typer.Option(help="Table to write, .md or .csv.")],
    weights: Annotated[
        str | None, typer.Option(help="Of a CLIP that open_clip knows by its name: a tag, a file, or none.")
    ] = None,
    descriptions: Annotated[
        Path | None,
        typer.Option(help="YAML of texts to choose from: lists under names of groups.", show_default="ours"),
    ] = None,
) -> None:
    """Say what each head of a CLIP's last layers looks at: the texts along which its part of the embedding varies.

    Example: synthgen interpret local-dir:clips/vit photographs --output heads.md
    """
    from synthgen.commands.terminal import console
    from synthgen.core.progress import progress
    from synthgen.formats.folder import read_folder
    from trainers.localize.heads.interpretation import check_kind, interpreted, texts_of, write_interpretation
    from trainers.localize.methods.clip_text_span import clip_text_span

    check_kind(output)
    samples, texts = read_folder(images), texts_of(descriptions)
    localizer = clip_text_span(_config(model, weights, texts))
    with progress(console(), "interpret", total=len(samples), unit="pictures") as report:
        heads = interpreted(localizer, _parts(samples, report), texts)
    write_interpretation(output, heads)
    typer.echo(f"heads: {output}")


def _config(model: str, weights: str | None, texts: tuple[str, ...]) -> LocalizerConfig:
    from synthgen.core.yaml_file import validated
    from trainers.config.localize import LocalizeConfig, standing_on

    values = standing_on(model, weights, None)["localizer"]
    asked = {"localizer": {"method": "clip_text_span", "prompts": texts, **values}}
    return validated(LocalizeConfig, asked, "interpret", base=Path.cwd()).localizer


def _parts(samples: PhotographSamples, report: Report) -> Iterator[list[AnyRGB]]:
    for first in range(0, len(samples), BATCH):
        numbers = range(first, min(first + BATCH, len(samples)))
        yield [samples[number].image for number in numbers]
        report(len(numbers))
