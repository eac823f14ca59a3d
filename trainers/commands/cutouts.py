"""`synthgen cutouts`: assets out of photographs, by what a model sees there."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from trainers.commands.options import Boxes, Model

__all__ = ["cutouts"]


def cutouts(
    model: Model,
    images: Annotated[Path, typer.Option(help="Folder of photographs.")],
    output: Annotated[Path, typer.Option(help="Folder for the cutouts and their catalog.csv.")],
    boxes: Boxes = None,
    group: Annotated[
        str,
        typer.Option(help="Regular expression: what it matches in a name is shared by photographs of one source."),
    ] = "",
) -> None:
    """Cut objects out of photographs with boxes, as targets; without --boxes, false alarms, as distractors.

    Example: synthgen cutouts models/mine --images photographs --boxes boxes.json --output more/cut
    """
    from synthgen.core.errors import ConfigError
    from synthgen.core.grouping import checked_pattern

    try:
        checked_pattern(group)
    except ValueError as error:
        raise ConfigError(f"--group: {error}") from error
    if output.exists() and any(output.iterdir()):
        raise ConfigError(f"--output {output}: holds files already; give a new folder")
    from synthgen.formats.coco import read_coco  # here, so that wrong options fail before torch
    from synthgen.formats.folder import read_folder
    from trainers.harvest.cutouts import false_alarms, harvest_cutouts, true_boxes
    from trainers.predict.open import open_predictor
    from trainers.predict.protocols import PixelPredictor, point_of

    samples = read_folder(images) if boxes is None else read_coco(images, boxes)
    predictor = open_predictor(model)
    if not isinstance(predictor, PixelPredictor):
        raise ConfigError(f"{model}: predicts no pixels, so it sees no outline; give a segmenter")
    found = harvest_cutouts(
        predictor,
        samples,
        output,
        boxes_of=false_alarms(predictor, point_of(predictor)) if boxes is None else true_boxes,
        role="distractor" if boxes is None else "target",
        origin=images.name,
        group=group,
    )
    for reason, count in found.refused.items():
        typer.echo(f"{count:5d}  {reason}")
    typer.echo(f"{found.kept:5d}  cutouts: {output}")
