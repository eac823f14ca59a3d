"""`synthgen loop`: where a model fails decides what is generated next, beside an open loop of equal compute."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from trainers.commands.options import Boxes, Images, Masks, Scheduler, engine_of, given, placed

if TYPE_CHECKING:
    from synthgen.config import PipelineConfig
    from trainers.loop.config import LoopConfig

__all__ = ["check_pipeline", "loop"]


def loop(
    file: Annotated[Path, typer.Argument(help="The loop file.", metavar="FILE")],
    output: Annotated[Path, typer.Option(help="Folder for rounds and report.")] = Path("runs/loop"),
    set_: Annotated[
        list[str] | None,
        typer.Option("--set", help="key=value of the loop, e.g. rounds=2, or of its pipeline; repeatable."),
    ] = None,
    weights: Annotated[str | None, typer.Option(help="Encoder weights of every training: imagenet, or a file.")] = None,
    images: Images = None,
    masks: Masks = None,
    boxes: Boxes = None,
    boxed_images: Annotated[Path | None, typer.Option(help="Folder of photographs to cut objects out of.")] = None,
    boxed_boxes: Annotated[Path | None, typer.Option(help="COCO JSON of their boxes.")] = None,
    empty: Annotated[Path | None, typer.Option(help="Folder of photographs that show no target.")] = None,
    workers: Annotated[int, typer.Option(min=1, help="Seeds at a time on this machine.")] = 1,
    scheduler: Scheduler = None,
) -> None:
    """Generate, train, find where the model fails, turn the recipe there, and train on; beside an open loop.

    Example: synthgen loop experiments/loop.yaml --weights mobilenet_v2.pth --images test/images --boxes test.json
    --output runs/turned
    """
    from rich.console import Console

    from synthgen.config import load_pipeline
    from trainers.loop.config import LoopConfig, read_loop
    from trainers.study.config import split_overrides

    options = {
        **placed("scored.photographs", images=images, masks=masks, boxes=boxes),
        **placed("boxed", images=boxed_images, boxes=boxed_boxes),
        **placed("training", weights=weights),
        **given(empty=None if empty is None else str(empty)),
    }
    ours, pipelines = split_overrides(set_ or (), LoopConfig)
    config = read_loop(file, ours, options)
    pipeline = load_pipeline(config.pipeline, pipelines)
    check_pipeline(config, pipeline, file)
    from trainers.commands.looping import run_loop  # here, so that a wrong file is refused before torch

    console, output = Console(), output.resolve()  # workers may stand elsewhere
    engine = engine_of(workers, scheduler)
    typer.echo(f"report: {run_loop(config, pipeline, file, output, engine=engine, console=console)}")


def check_pipeline(config: LoopConfig, pipeline: PipelineConfig, file: Path) -> None:
    """Refuse a pipeline whose recipe cannot be turned as the loop says.

    Raises:
        ConfigError: No asset is left to see failures on, or a knob has no choice or begins outside of its bounds.
    """
    from synthgen.core.errors import ConfigError
    from trainers.loop.turn import check_knobs

    if not pipeline.assets.splits.val:
        raise ConfigError(
            f"{file}: assets.splits gives val nothing, and failures are seen on assets that were not learnt from; "
            "give it a share, e.g. {train: 0.85, val: 0.15}"
        )
    recipe = pipeline.recipe.model_dump(mode="json")
    try:
        check_knobs(recipe, config.knobs, bounds=(config.bounds.min, config.bounds.max))
    except ConfigError as error:
        raise ConfigError(f"{file}: {error}") from error
