"""`synthgen evaluate`: a model's scores on a split or on photographs."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from trainers.commands.options import Boxes, Images, Masks, Model, Threshold, given

__all__ = ["evaluate"]


def evaluate(
    model: Model,
    dataset: Annotated[Path | None, typer.Argument(help="A generated dataset.", metavar="DATASET")] = None,
    split: Annotated[str | None, typer.Option(help="train, val or test.", show_default="test")] = None,
    images: Images = None,
    masks: Masks = None,
    boxes: Boxes = None,
    output: Annotated[Path, typer.Option(help="Folder for results and pictures.")] = Path("evaluation"),
    threshold: Threshold = None,
    pictures: Annotated[int | None, typer.Option(help="Rows in the sheet of predictions.", show_default="8")] = None,
) -> None:
    """Score a model on a dataset's split or on photographs with masks or boxes, beside the empty prediction.

    Example: synthgen evaluate models/mobilenet data/firearms --split test --output evaluation
    """
    from rich.console import Console

    from synthgen.core.errors import ConfigError
    from synthgen.core.yaml_file import validated
    from trainers.config.evaluation import EvaluationConfig

    options = given(split=split, images=images, masks=masks, boxes=boxes, threshold=threshold, pictures=pictures)
    settings = validated(EvaluationConfig, options, "evaluation", base=Path.cwd())
    if dataset is None and settings.images is None:
        raise ConfigError("give a DATASET, or --images with --masks or --boxes, or both")
    from trainers.commands.scoring import score_on_all, write_results  # here, so that wrong options fail before torch
    from trainers.predict.open import open_predictor

    predictor, console = open_predictor(model), Console()
    results = score_on_all(predictor, settings, dataset, console)
    write_results(output, {predictor.title: results}, console, named=False)
