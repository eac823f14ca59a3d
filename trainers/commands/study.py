"""`synthgen study`: a grid of trainings with a table at the end."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from trainers.commands.options import Boxes, Images, Masks, Scheduler, engine_of, given

if TYPE_CHECKING:
    from trainers.study.config import StudyConfig

__all__ = ["study"]


def study(
    file: Annotated[Path, typer.Argument(help="The study file.", metavar="STUDY")],
    preset: Annotated[str, typer.Option(help="One of its presets.")] = "small",
    output: Annotated[Path, typer.Option(help="Folder for dataset, runs and report.")] = Path("runs/study"),
    dataset: Annotated[Path | None, typer.Option(help="A generated dataset, instead of generating one.")] = None,
    set_: Annotated[
        list[str] | None,
        typer.Option("--set", help="key=value of the study, e.g. defaults.epochs=1, or of its pipeline; repeatable."),
    ] = None,
    weights: Annotated[
        list[str] | None,
        typer.Option(
            help="ENCODER=FILE or ENCODER=imagenet, or of resnet50 and vgg16, where a grid names none; repeatable."
        ),
    ] = None,
    images: Images = None,
    masks: Masks = None,
    boxes: Boxes = None,
    workers: Annotated[int, typer.Option(min=1, help="Trainings at a time on this machine.")] = 1,
    scheduler: Scheduler = None,
) -> None:
    """Train and score a grid of networks; the same command continues a study that broke off.

    Example: synthgen study studies/firearms.yaml --preset small --output runs/study --set defaults.epochs=2
    """
    from rich.console import Console

    from trainers.study.config import read_study, split_overrides
    from trainers.study.runs import runs_of

    ours, pipelines = split_overrides(set_ or ())
    config = read_study(file, ours, given(images=images, masks=masks, boxes=boxes))
    runs = runs_of(config, preset, file, dict(_pair(option) for option in weights or ()))
    console, output = Console(), output.resolve()  # workers may stand elsewhere
    found = dataset or _generated(config, preset, pipelines, output, console)
    from trainers.study.study import run_study  # here, so that a wrong study is refused before torch is imported

    engine = engine_of(workers, scheduler)
    report = run_study(config, preset, runs, found.resolve(), output, engine=engine, console=console)
    typer.echo(f"report: {report}")


def _generated(config: StudyConfig, preset: str, overrides: list[str], output: Path, console: Any) -> Path:
    from synthgen.config import load_pipeline
    from synthgen.core.files import make_directory
    from synthgen.engine import generate

    pipeline = load_pipeline(config.pipeline, [*config.presets[preset].set, *overrides])
    generate(pipeline, make_directory(output / "dataset"), console=console)
    return output / "dataset"


def _pair(option: str) -> tuple[str, str]:
    from synthgen.core.errors import ConfigError

    encoder, equals, weights = option.partition("=")
    if not equals or not weights:
        raise ConfigError(f"--weights {option}: expected ENCODER=FILE, e.g. mobilenet_v2=weights.pth")
    return encoder, weights if weights == "imagenet" else str(Path(weights).expanduser().absolute())
