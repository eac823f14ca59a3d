"""`synthgen package`: a model made ready to be used elsewhere."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal, cast

import typer

from trainers.commands.options import Closing, LeastArea, LeastScore, Threshold, given

__all__ = ["package"]

INT8 = ("none", "dynamic", "static")


def package(
    model: Annotated[Path, typer.Argument(help="model.pt, or the folder that holds it.", metavar="MODEL")],
    output: Annotated[Path, typer.Option(help="Folder for ONNX, figures and model card.")],
    dataset: Annotated[
        Path | None, typer.Option(help="A generated dataset, to score on and to calibrate with.")
    ] = None,
    int8: Annotated[str, typer.Option(help="none, dynamic, or static, which needs --dataset.")] = "none",
    threshold: Threshold = None,
    closing: Closing = None,
    least_area: LeastArea = None,
    least_score: LeastScore = None,
) -> None:
    """Pack a model: ONNX, checked against torch, int8 where asked, a model card, its speed here.

    Example: synthgen package models/mine --dataset data/firearms --int8 static --output packages/mine
    """
    from synthgen.core.errors import ConfigError
    from synthgen.core.yaml_file import validated
    from trainers.config.evaluation import EvaluationConfig

    if int8 not in INT8:
        raise ConfigError(f"--int8 {int8}: expected none, dynamic or static")
    options = given(threshold=threshold, closing=closing, least_area=least_area, least_score=least_score)
    how = validated(EvaluationConfig, options, "package", base=Path.cwd())
    from trainers.learn.checkpoint import load_model
    from trainers.package.package import package as pack

    trained = load_model(model)
    figures = pack(
        trained,
        output,
        dataset=dataset,
        int8=cast(Literal["none", "dynamic", "static"], int8),
        point=how.point(trained.operating_point),
    )
    spent = ", ".join(f"{name} {milliseconds:.1f} ms" for name, milliseconds in figures["latency_ms"].items())
    typer.echo(f"ONNX differs by {figures['difference']:.1e}; one picture: {spent}")
    typer.echo(f"package: {output}")
