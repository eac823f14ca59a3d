"""`synthgen photographs`: annotated photographs made into folders to evaluate on."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from trainers.commands.options import Masks

if TYPE_CHECKING:
    from synthgen.core.picture import Picture, Samples

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
    from synthgen.formats.coco import read_coco
    from synthgen.formats.folder import read_folder
    from synthgen.formats.turns import six_fold as turned
    from synthgen.formats.write_folder import write_folder

    found: Samples
    if tinted is not None:
        found = _untinted(images, tinted, output)
    elif coco is not None:
        found = read_coco(images, coco, category or ())
    else:
        assert masks is not None, "one of the three is given"
        found = read_folder(images, masks)
    pictures: Iterator[Picture] = (found[index] for index in range(len(found)))
    if six_fold:
        pictures = (turn for picture in pictures for turn in turned(picture))
    typer.echo(f"wrote {write_folder(pictures, output)} photographs: {output}")


def _untinted(images: Path, tinted: Path, output: Path) -> Samples:
    """Return the photographs with the masks of their tints, and write how torn those are."""
    from synthgen.core.files import make_directory
    from synthgen.formats.tints import read_tints, write_tint_reports

    found = read_tints(images, tinted)
    reports = [found.report(index) for index in range(len(found))]
    write_tint_reports(reports, make_directory(output) / "tints.tsv")
    for report in reports:
        typer.echo(f"{report.name}: {report.written.parts} parts, {report.written.holes} holes")
    return found
