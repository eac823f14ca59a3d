"""`synthgen experiment`: arms of synthetic and real pictures at equal compute, compared on photographs."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from trainers.commands.options import Boxes, Images, Masks, Scheduler, engine_of, placed

if TYPE_CHECKING:
    from rich.console import Console

    from synthgen.config import PipelineConfig
    from trainers.experiment.config import ExperimentConfig
    from trainers.experiment.plan import Plan
    from trainers.experiment.runs import Made

__all__ = ["experiment"]


def experiment(
    file: Annotated[Path, typer.Argument(help="The experiment file.", metavar="FILE")],
    output: Annotated[Path, typer.Option(help="Folder for datasets, runs and report.")] = Path("runs/experiment"),
    set_: Annotated[
        list[str] | None,
        typer.Option("--set", help="key=value of the experiment, e.g. seeds=[0], or of its pipeline; repeatable."),
    ] = None,
    weights: Annotated[str | None, typer.Option(help="Encoder weights of every training: imagenet, or a file.")] = None,
    images: Images = None,
    masks: Masks = None,
    boxes: Boxes = None,
    real_images: Annotated[Path | None, typer.Option(help="Folder of photographs to learn from.")] = None,
    real_masks: Annotated[Path | None, typer.Option(help="Folder of their masks: same stems, PNG.")] = None,
    real_boxes: Annotated[Path | None, typer.Option(help="COCO JSON of their boxes.")] = None,
    workers: Annotated[int, typer.Option(min=1, help="Trainings at a time on this machine.")] = 1,
    scheduler: Scheduler = None,
) -> None:
    """Compare what is learnt from synthetic and from real pictures; the same command continues one that broke off.

    Example: synthgen experiment experiments/sim-to-real.yaml --weights mobilenet_v2.pth --images test/images
    --boxes test.json --real-images train/images --real-boxes train.json
    """
    from rich.console import Console

    from synthgen.config import load_pipeline
    from trainers.experiment.config import ExperimentConfig, read_experiment
    from trainers.study.config import split_overrides

    options = {
        **placed("scored.photographs", images=images, masks=masks, boxes=boxes),
        **placed("real", images=real_images, masks=real_masks, boxes=real_boxes),
        **placed("training", weights=weights),
    }
    ours, pipelines = split_overrides(set_ or (), ExperimentConfig)
    config = read_experiment(file, ours, options)
    pipeline, recipes = load_pipeline(config.pipeline, pipelines), _recipes(config, file, pipelines)
    from trainers.experiment.experiment import run_experiment  # here, so that a wrong file is refused before torch
    from trainers.experiment.learnt import DATASETS
    from trainers.experiment.plan import planned

    plan = planned(config, file, size=pipeline.size, pictures=pipeline.samples.train)
    console, output = Console(), output.resolve()  # workers may stand elsewhere
    datasets = _generated(plan, recipes, output / DATASETS, console)
    engine = engine_of(workers, scheduler)
    typer.echo(f"report: {run_experiment(plan, datasets, output, engine=engine, console=console)}")


def _recipes(config: ExperimentConfig, file: Path, overrides: Sequence[str]) -> dict[str, PipelineConfig]:
    """Return the pipeline of each stage that has synthetic pictures, by what lies upon its recipe."""
    from synthgen.config import load_pipeline
    from synthgen.core.errors import ConfigError

    found: dict[str, PipelineConfig] = {}
    for name, stages in config.arms.items():
        for stage in stages:
            try:
                found[stage.recipe_key] = load_pipeline(config.pipeline, overrides, recipe=stage.recipe)
            except ConfigError as error:
                raise ConfigError(f"{file}: arm {name!r}: {error}") from error
    return found


def _generated(plan: Plan, recipes: dict[str, PipelineConfig], folder: Path, console: Console) -> dict[Made, Path]:
    """Generate, or continue, every dataset that a run learns from."""
    import shutil

    from synthgen.core.files import make_directory
    from synthgen.engine import LIBRARY_FOLDER, generate
    from trainers.study.digest import digest_of

    found: dict[Made, Path] = {}
    for number, (made, pictures) in enumerate(plan.made.items(), 1):
        pipeline = recipes[made.recipe]
        samples = pipeline.samples.model_copy(update={"train": pictures})
        config = pipeline.model_copy(update={"seed": pipeline.seed + made.seed, "samples": samples})
        recipe = digest_of(config.recipe.model_dump_json(exclude_defaults=True), str(config.size))[:12]
        found[made] = make_directory(folder / f"{recipe}-s{made.seed}")
        console.print(f"dataset {number} of {len(plan.made)}: {found[made].name}", highlight=False)
        generate(config, found[made], console=console)
        shutil.rmtree(found[made] / LIBRARY_FOLDER, ignore_errors=True)  # decoded assets, once for each dataset
    return found
