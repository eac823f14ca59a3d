"""`synthgen priors`: a recipe that draws boxes like those of a COCO file."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from synthgen.commands.terminal import console, save_picture
from synthgen.core.files import make_directory

__all__ = ["priors"]


def priors(
    boxes: Annotated[
        Path, typer.Argument(help="COCO file of real boxes; its pictures are not needed.", metavar="FILE")
    ],
    output: Annotated[Path | None, typer.Option(help="YAML to write; default: print it.")] = None,
    picture: Annotated[Path | None, typer.Option(help="Picture of both distributions to write (PNG).")] = None,
    aspect: Annotated[float, typer.Option(min=0.1, max=10, help="Width over height of the frames to generate.")] = 1.0,
) -> None:
    """Measure real boxes and write scale, position, stretch, truncation, instances and negatives of a recipe like them.

    Example: synthgen priors boxes.json --output priors.yaml --picture priors.png
    """
    from synthgen.core.files import write_atomic
    from synthgen.priors.prior import find_prior

    prior = find_prior(boxes, aspect)
    if output is None:
        typer.echo(prior.text, nl=False)
    else:
        make_directory(output.resolve().parent)
        write_atomic(output, prior.text.encode())
        console().print(f"wrote {output}", soft_wrap=True)
    if picture is not None:
        save_picture(picture, prior.draw())
