"""`synthgen predict`: what a model finds in pictures, videos, cameras and streams."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from trainers.commands.options import Model, Threshold

__all__ = ["predict"]


def predict(
    model: Model,
    source: Annotated[
        str,
        typer.Argument(help="Image, folder, video, stream's address, or camera's number.", metavar="SOURCE"),
    ],
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
    from trainers.predict.frames import frames_of
    from trainers.predict.open import open_predictor
    from trainers.predict.write import predict_frames

    found = frames_of(source, every=every, limit=frames)
    least = 0.5 if threshold is None else threshold
    entries = predict_frames(open_predictor(model), found, output, threshold=least, min_area=min_area, tiled=tiled)
    for entry in entries:
        typer.echo(_line(entry))


def _line(entry: Mapping[str, Any]) -> str:
    """Say in a line what was found on a frame; an entry has what its predictor gives."""
    parts = []
    if "foreground" in entry:
        parts.append(f"{entry['foreground']:.2%} foreground")
    if "instances" in entry:
        parts.append(f"{len(entry['instances'])} instances")
    if "labels" in entry:
        parts.append("labels " + " ".join(f"{value:.3f}" for value in entry["labels"]))
    return f"{entry['name']}: {', '.join(parts)}"
