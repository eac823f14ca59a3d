"""`synthgen photographs`: annotated photographs made into folders to evaluate on."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from trainers.commands.options import Masks

if TYPE_CHECKING:
    from synthgen.formats.folder import Photograph

__all__ = ["photographs"]


def photographs(
    images: Annotated[Path, typer.Argument(help="Folder of photographs.", metavar="IMAGES")],
    output: Annotated[Path, typer.Option(help="Folder to write images/ and masks/ into.")],
    tinted: Annotated[Path | None, typer.Option(help="Folder of the same, objects painted over translucently.")] = None,
    masks: Masks = None,
    coco: Annotated[Path | None, typer.Option(help="COCO JSON of their segmentations.")] = None,
    category: Annotated[list[str] | None, typer.Option(help="Of the COCO file; repeatable; default: all.")] = None,
    six_fold: Annotated[
        bool, typer.Option("--six-fold", help="Each at 0° and 90°, as is and flipped both ways.")
    ] = False,
) -> None:
    """Make annotated photographs into folders of images and masks, to evaluate on.

    Example: synthgen photographs photos --tinted tinted --six-fold --output real
    """
    from synthgen.core.errors import ConfigError

    if sum(source is not None for source in (tinted, masks, coco)) != 1:
        raise ConfigError("give one of --tinted, --masks and --coco")
    from synthgen.formats.folder import read_pairs
    from synthgen.formats.photographs import from_coco, write_photographs
    from synthgen.formats.photographs import six_fold as turned

    found: Iterable[Photograph]
    if tinted is not None:
        found = _untinted(images, tinted, output)
    elif coco is not None:
        found = from_coco(images, coco, category or ())
    else:
        assert masks is not None, "one of the three is given"
        found = read_pairs(images, masks)
    if six_fold:
        found = (turn for photograph in found for turn in turned(photograph))
    typer.echo(f"wrote {write_photographs(found, output)} photographs: {output}")


def _untinted(images: Path, tinted: Path, output: Path) -> list[Photograph]:
    """Return the photographs with the masks of their tints, and write how torn those are."""
    from synthgen.core.files import make_directory
    from synthgen.formats.photographs import from_tints, write_tint_reports

    pairs = list(from_tints(images, tinted))
    reports = [report for _, report in pairs]
    write_tint_reports(reports, make_directory(output) / "tints.tsv")
    for report in reports:
        typer.echo(f"{report.name}: {report.written.parts} parts, {report.written.holes} holes")
    return [photograph for photograph, _ in pairs]
