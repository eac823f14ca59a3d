"""`synthgen pseudo-label`: masks of photographs that nobody annotated."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from trainers.commands.options import Overrides, given

if TYPE_CHECKING:
    from synthgen.formats.photograph import PhotographSamples
    from trainers.config.pseudo_label import PseudoLabelConfig
    from trainers.pseudo.run import PseudoLabelled

__all__ = ["pseudo_label", "say_labelled"]

HUB = "a folder, or a name on the hub"


def pseudo_label(
    images: Annotated[Path, typer.Argument(help="Folder of photographs.", metavar="IMAGES")],
    output: Annotated[Path, typer.Option(help="Folder to make, for pseudo.parquet and sheet.png.")],
    prompt: Annotated[str | None, typer.Option(help="What to look for, such as 'weapon.' or 'gun. knife.'.")] = None,
    detector: Annotated[str | None, typer.Option(help=f"Grounding DINO: {HUB}.", metavar="MODEL")] = None,
    segmenter: Annotated[str | None, typer.Option(help=f"SAM: {HUB}.", metavar="MODEL")] = None,
    labels: Annotated[
        Path | None, typer.Option(help="CSV of what is known: file, label. Those with label 0 are not looked at.")
    ] = None,
    method: Annotated[
        str | None, typer.Option(help="grounding_dino_sam or grabcut.", show_default="grounding_dino_sam")
    ] = None,
    boxes: Annotated[Path | None, typer.Option(help="COCO JSON of true boxes, for grabcut.")] = None,
    set_: Overrides = None,
) -> None:
    """Make a table of pseudo-masks to train on, or continue to, and a sheet to judge it by.

    Example: synthgen pseudo-label photographs --prompt weapon. --detector models/grounding-dino
        --segmenter models/sam --output pseudo/weapons
    """
    from synthgen.commands.terminal import console
    from synthgen.core.yaml_file import apply_override, validated
    from trainers.config.pseudo_label import PseudoLabelConfig

    values = given(
        images=str(images),
        prompt=prompt,
        detector=detector,
        segmenter=segmenter,
        labels=None if labels is None else str(labels),
        method=method,
        boxes=None if boxes is None else str(boxes),
    )
    for override in set_ or ():
        apply_override(values, override)
    config = validated(PseudoLabelConfig, values, "pseudo-label", base=Path.cwd())
    samples = _samples(config)
    from trainers.config.registry import ANNOTATORS  # here, so that wrong options fail before torch
    from trainers.pseudo.rows import Labelling
    from trainers.pseudo.run import pseudo_label_pictures
    from trainers.pseudo.subjects import Photographs

    annotator = ANNOTATORS[config.method](config)
    labelling = Labelling(Photographs(config.images, samples), config.method, annotator, config.gate)
    found = pseudo_label_pictures(
        labelling, config.boxes or config.labels, output.resolve(), batch_size=config.batch_size, console=console()
    )
    say_labelled(found, output)


def _samples(config: PseudoLabelConfig) -> PhotographSamples:
    from synthgen.formats.coco import read_coco
    from synthgen.formats.folder import read_folder
    from synthgen.formats.labels import read_labels

    if config.boxes is not None:
        return read_coco(config.images, config.boxes)
    return read_folder(config.images) if config.labels is None else read_labels(config.images, config.labels)


def say_labelled(found: PseudoLabelled | None, output: Path) -> None:
    """Print what became of the pictures; None where they had been labelled before."""
    if found is None:
        typer.echo(f"{output}: lies there already, of these pictures and options")
        return
    for file, reason in found.unreadable.items():
        typer.echo(f"cannot be read: {file}: {reason}", err=True)
    for reason, count in found.refused.items():
        typer.echo(f"{count:5d}  refused: {reason}")
    if found.unreadable:
        typer.echo(f"{len(found.unreadable):5d}  cannot be read")
    negative = f", {found.negative} of them without a target" if found.negative else ""
    typer.echo(f"{found.valid:5d}  valid{negative}: {output}")
