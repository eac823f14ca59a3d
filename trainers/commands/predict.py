"""`synthgen predict`: what a model finds in pictures, videos, cameras and streams."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from trainers.commands.options import Model, Threshold

__all__ = ["predict"]


def predict(
    model: Model,
    source: Annotated[str, typer.Argument(help="An image, a folder, a video, or a camera's number.", metavar="SOURCE")],
    output: Annotated[Path, typer.Option(help="Folder for masks, overlays, probabilities and instances.json.")],
    threshold: Threshold = None,
    min_area: Annotated[
        float, typer.Option(min=0.0, max=1.0, help="Least area of an instance, as a share of the frame.")
    ] = 0.0001,
    tiled: Annotated[bool, typer.Option("--tiled", help="In overlapping tiles at the frame's own resolution.")] = False,
    every: Annotated[int, typer.Option(min=1, help="Of a video or camera, every n-th frame.")] = 1,
    frames: Annotated[int, typer.Option(min=0, help="At most so many; 0 for all, of a camera until Ctrl-C.")] = 0,
) -> None:
    """Predict masks and instances for photographs, videos, or what a camera sees; MODEL may be ONNX.

    Example: synthgen predict models/mobilenet photographs --output predictions
    """
