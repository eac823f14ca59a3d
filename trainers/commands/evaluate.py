"""`synthgen evaluate`: a model's scores on a split or on photographs."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from trainers.commands.options import (
    Boxes,
    Closing,
    Domains,
    Fit,
    Images,
    LeastArea,
    LeastScore,
    Masks,
    Model,
    Threshold,
    Tta,
    domains_of,
    given,
)

if TYPE_CHECKING:
    from trainers.config.evaluation import EvaluationConfig
    from trainers.config.inspection import Inspection

__all__ = ["check_choice", "evaluate"]


def evaluate(
    model: Model,
    dataset: Annotated[
        Path | None,
        typer.Argument(help="A generated dataset; or a video, or a folder of videos, with --boxes.", metavar="DATASET"),
    ] = None,
    split: Annotated[str | None, typer.Option(help="train, val or test; to choose, val.", show_default="test")] = None,
    images: Images = None,
    masks: Masks = None,
    boxes: Boxes = None,
    domain: Domains = None,
    output: Annotated[Path, typer.Option(help="Folder for results and pictures.")] = Path("evaluation"),
    threshold: Threshold = None,
    closing: Closing = None,
    least_area: LeastArea = None,
    least_score: LeastScore = None,
    fit: Fit = None,
    tta: Tta = None,
    pictures: Annotated[int | None, typer.Option(help="Rows in the sheet of predictions.", show_default="8")] = None,
    choose: Annotated[
        bool, typer.Option("--choose", help="Choose the operating point here, and store it in MODEL.")
    ] = False,
    slices: Annotated[
        bool | None, typer.Option("--slices", help="Score by size, occlusion, blur, darkness, …; name the worst.")
    ] = None,
    degrade: Annotated[
        str | None, typer.Option(help="webcam, cctv-day or cctv-night: score photographs through it, too.")
    ] = None,
    adapt: Annotated[
        bool | None, typer.Option("--adapt", help="Score also with batch norm estimated on these pictures.")
    ] = None,
    localizer: Annotated[
        bool,
        typer.Option("--localizer", help="MODEL is a YAML file of localizers, or a folder of chosen ones: judge them."),
    ] = False,
    trios: Annotated[
        Path | None, typer.Option(help="Of localizers: a folder of pictures and masks in CocoGlide's layout.")
    ] = None,
    voc: Annotated[
        Path | None, typer.Option(help="Of localizers: a folder of VOC XML with the boxes of --images.")
    ] = None,
) -> None:
    """Score a model on a dataset's split, or on photographs or videos with true boxes, beside the empty prediction.

    VIDEO is the same as --images VIDEO. FILE of --boxes is COCO JSON; of videos also a list of frames with boxes.

    With --choose it is not scored: its operating point is chosen there, by the best F1 of parts, and stored with it.

    With --localizer, settings are chosen on val and scored on the split; of photographs each half chooses for the rest.

    Example: synthgen evaluate models/mine data/firearms --split test --output evaluation
    """
    from rich.console import Console

    from synthgen.core.errors import ConfigError
    from synthgen.core.yaml_file import validated
    from synthgen.formats.frames import find_videos
    from trainers.config.evaluation import EvaluationConfig
    from trainers.config.inspection import Inspection

    others = given(domain=domain, threshold=threshold, closing=closing, least_area=least_area, least_score=least_score)
    others |= given(fit=fit, tta=tta, choose=choose or None, slices=slices, degrade=degrade, adapt=adapt)
    if localizer or trios is not None or voc is not None:
        truths = given(images=images, masks=masks, boxes=boxes, trios=trios, voc=voc)
        wanted = given(dataset=dataset, split=split, pictures=pictures, **truths)
        _judge(model, wanted, others, output, localizer=localizer)
        return
    if dataset is not None and find_videos(dataset):
        if images is not None:
            raise ConfigError(f"{dataset}: a video is scored by --boxes alone; leave --images out")
        dataset, images = None, dataset
    options = given(
        split=split or ("val" if choose else None),
        images=images,
        masks=masks,
        boxes=boxes,
        domains=domains_of(domain),
        threshold=threshold,
        closing=closing,
        least_area=least_area,
        least_score=least_score,
        fit=fit,
        tta=tta,
        pictures=pictures,
    )
    settings = validated(EvaluationConfig, options, "evaluation", base=Path.cwd())
    asked = validated(Inspection, given(slices=slices, degrade=degrade, adapt=adapt), "evaluation", base=Path.cwd())
    if dataset is None and settings.images is None and not settings.domains:
        raise ConfigError("give a DATASET, or --images with --masks or --boxes, or --domain, or several of them")
    _check_inspection(asked, settings, choose=choose)
    if choose:
        check_choice(settings, model, dataset)
        from trainers.commands.choosing import choose_point

        choose_point(model, settings, dataset, Console())
        return
    from trainers.commands.inspecting import score_and_inspect  # here, so that wrong options fail before torch

    score_and_inspect(model, settings, asked, dataset, output, Console())


def _judge(localizers: Path, options: dict[str, Any], others: dict[str, Any], output: Path, *, localizer: bool) -> None:
    """Judge localizers.

    Raises:
        ConfigError: An option is given that says nothing to them, or --localizer is not.
    """
    from synthgen.commands.terminal import console
    from synthgen.core.errors import ConfigError
    from synthgen.core.yaml_file import validated
    from trainers.config.judging import JudgingConfig

    if not localizer:
        raise ConfigError("--trios and --voc are for localizers; give --localizer with them, or leave them out")
    if others:
        names = ", ".join(f"--{name.replace('_', '-')}" for name in others)
        raise ConfigError(f"--localizer: {names} says nothing to localizers; leave it out")
    config = validated(JudgingConfig, options, "evaluate --localizer", base=Path.cwd())
    from trainers.commands.judging import judge_localizers  # here, so that wrong options fail before torch

    judge_localizers(localizers, config, output, console())


def check_choice(settings: EvaluationConfig, model: Path, dataset: Path | None) -> None:
    """Refuse what no operating point can be chosen by.

    Raises:
        ConfigError: The split is for reporting, there are two sources, a number is given, or the model is packaged.
    """
    from synthgen.core.errors import ConfigError

    if settings.split == "test":
        raise ConfigError("--choose --split test: what is chosen by a split is not reported on it; choose on val")
    things = (dataset is not None) + (settings.masks is not None) + (settings.boxes is not None) + len(settings.domains)
    if things != 1:
        raise ConfigError(
            "--choose goes by one thing; give a DATASET, or --images with one of --masks and --boxes, or one --domain"
        )
    if settings.given_point:
        given = ", ".join(f"--{name.replace('_', '-')}" for name in settings.given_point)
        raise ConfigError(f"--choose looks for the whole operating point itself; leave {given} out")
    if model.suffix == ".onnx":
        raise ConfigError(f"{model}: a package keeps the point it was made with; choose for model.pt, and package it")


def _check_inspection(asked: Inspection, settings: EvaluationConfig, *, choose: bool) -> None:
    """Refuse what cannot be told.

    Raises:
        ConfigError: Something is asked while a point is chosen, or photographs are to be degraded and there are none.
    """
    from synthgen.core.errors import ConfigError

    if choose and asked.given:
        raise ConfigError(f"--choose scores nothing that {', '.join(asked.given)} could tell of; give one or the other")
    if asked.degrade is not None and settings.images is None:
        raise ConfigError(f"--degrade {asked.degrade} is for photographs; give --images with --masks or --boxes")
