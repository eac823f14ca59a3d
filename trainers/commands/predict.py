"""`synthgen predict`: what a model finds in pictures, videos, cameras and streams."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from trainers.commands.options import Closing, Fit, LeastArea, LeastScore, Model, Threshold, Tta, given

__all__ = ["predict"]


def predict(
    model: Model,
    source: Annotated[
        str,
        typer.Argument(help="Image, folder, video, stream's address, or camera's number.", metavar="SOURCE"),
    ],
    output: Annotated[Path, typer.Option(help="Folder for masks, overlays, probabilities and instances.jsonl.")],
    threshold: Threshold = None,
    closing: Closing = None,
    least_area: LeastArea = None,
    least_score: LeastScore = None,
    fit: Fit = None,
    tta: Tta = None,
    tiled: Annotated[bool, typer.Option("--tiled", help="In overlapping tiles at the frame's own resolution.")] = False,
    every: Annotated[int, typer.Option(min=1, help="Of a video or camera, every n-th frame.")] = 1,
    frames: Annotated[int, typer.Option(min=0, help="At most so many; 0 for all, of a camera until Ctrl-C.")] = 0,
) -> None:
    """Predict masks and instances for photographs, videos, or what a camera sees; MODEL may be ONNX.

    Example: synthgen predict models/mine photographs --output predictions
    """
    from synthgen.core.yaml_file import validated
    from trainers.config.evaluation import EvaluationConfig

    options = given(
        threshold=threshold, closing=closing, least_area=least_area, least_score=least_score, fit=fit, tta=tta
    )
    how = validated(EvaluationConfig, options, "predict", base=Path.cwd())
    from trainers.predict.averaged import averaged  # here, so that wrong options fail before torch
    from trainers.predict.frames import frames_of
    from trainers.predict.open import open_predictor
    from trainers.predict.protocols import point_of
    from trainers.predict.write import predict_frames

    found, predictor = frames_of(source, every=every, limit=frames), open_predictor(model)
    point, seer = how.point(point_of(predictor)), averaged(predictor) if how.tta else predictor
    for entry in predict_frames(seer, found, output, point=point, tiled=tiled, fit=how.fit):
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
