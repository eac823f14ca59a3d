"""The trainers' commands, joined to `synthgen` by an entry point. Torch is imported when a command runs."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Any

import typer
from pydantic import ValidationError
from rich.console import Console

from synthgen.config import load_pipeline
from synthgen.core.errors import ConfigError
from synthgen.core.files import make_directory
from synthgen.core.pictures import write_picture
from synthgen.engine import generate
from trainers.config.evaluation import EvaluationConfig
from trainers.config.registry import LOSSES, NETWORKS
from trainers.config.segmentation import SegmentationConfig

__all__ = ["register"]

SCORED_AT_A_TIME = 32
console = Console()
ModelFile = Annotated[Path, typer.Argument(help="model.pt or .onnx, or the folder that holds it.", metavar="MODEL")]


def register(app: typer.Typer) -> None:
    """Add the trainers' commands to the command line."""
    app.command("train")(train)
    app.command("evaluate")(evaluate)
    app.command("predict")(predict)
    app.command("package")(package)
    app.command("photographs")(photographs)
    app.command("study")(study)


def train(
    dataset: Annotated[Path, typer.Argument(help="A generated dataset.", metavar="DATASET")],
    output: Annotated[Path, typer.Option(help="Folder for the model, its checkpoints and metrics.")],
    network: Annotated[str, typer.Option(help=f"{', '.join(NETWORKS)}.")] = "unet",
    encoder: Annotated[str, typer.Option(help="Encoder, e.g. efficientnet-b0.")] = "mobilenet_v2",
    weights: Annotated[str, typer.Option(help="none, imagenet, or a file of encoder weights.")] = "none",
    width: Annotated[int, typer.Option(help="Base width of plain_unet and of transfer's decoder.")] = 16,
    kernel: Annotated[int, typer.Option(help="Side of their convolutions.")] = 3,
    batch_norm: Annotated[bool, typer.Option(help="Whether they normalise.")] = True,
    activation: Annotated[str, typer.Option(help="Of transfer's decoder: own, relu, leaky_relu or elu.")] = "own",
    alpha: Annotated[float, typer.Option(help="Slope of leaky_relu below 0.")] = 0.1,
    loss: Annotated[str, typer.Option(help=f"{', '.join(LOSSES)}.")] = "dice",
    epochs: Annotated[int, typer.Option(help="Passes over the training split.")] = 3,
    batch_size: Annotated[int, typer.Option(help="Samples in a step.")] = 32,
    accumulate: Annotated[int, typer.Option(help="Batches whose gradients make one step.")] = 1,
    learning_rate: Annotated[float, typer.Option(help="Of Adam; with a schedule, the highest.")] = 1e-3,
    schedule: Annotated[str, typer.Option(help="constant, cosine or onecycle.")] = "constant",
    ema: Annotated[float, typer.Option(help="Decay of the weights' moving average; 0 for none.")] = 0.0,
    patience: Annotated[int, typer.Option(help="Epochs without progress before the end; 0 for all epochs.")] = 0,
    compile: Annotated[bool, typer.Option(help="Compile the network; the first steps take minutes.")] = False,
    deterministic: Annotated[bool, typer.Option(help="Refuse operations that vary from run to run.")] = False,
    precision: Annotated[str, typer.Option(help="32-true, bf16-mixed or 16-mixed.")] = "32-true",
    device: Annotated[str, typer.Option(help="auto, cpu or gpu.")] = "auto",
    devices: Annotated[int, typer.Option(help="Of them, each with a process and batches of its own.")] = 1,
    threads: Annotated[int, typer.Option(help="Decoding threads.")] = 2,
    seed: Annotated[int, typer.Option(help="Of weights, order and augmentation.")] = 0,
    freeze_encoder: Annotated[bool, typer.Option(help="Leave the encoder's weights alone.")] = False,
    unfreeze_epoch: Annotated[int, typer.Option(help="Epoch after which a frozen encoder learns; 0: never.")] = 0,
    freeze_batch_norm: Annotated[bool, typer.Option(help="Leave the encoder's batch-norm statistics alone.")] = False,
    samples: Annotated[int, typer.Option(help="Learn from the first ones only; 0 for all.")] = 0,
    positive_share: Annotated[float, typer.Option(help="Share of samples with a target; 0: as they come.")] = 0.0,
    augment: Annotated[bool, typer.Option(help="Mirror and vary the light of training batches.")] = True,
    tensorboard: Annotated[bool, typer.Option(help="Log for TensorBoard, too.")] = False,
    resume: Annotated[bool, typer.Option(help="Continue from the last checkpoint in the output.")] = False,
) -> None:
    """Train a segmenter on a generated dataset.

    Example: synthgen train data/firearms --encoder mobilenet_v2 --epochs 3 --output models/mobilenet
    """
    options = {name: value for name, value in locals().items() if name in SegmentationConfig.model_fields}
    config = _validated(SegmentationConfig, options)
    from trainers.learn.fit import fit

    console.print(f"model: {fit(config, dataset, output, resume=resume)}", soft_wrap=True, highlight=False)


def evaluate(
    model: ModelFile,
    dataset: Annotated[Path | None, typer.Argument(help="A generated dataset.", metavar="DATASET")] = None,
    split: Annotated[str, typer.Option(help="train, val or test.")] = "test",
    images: Annotated[Path | None, typer.Option(help="Folder of photographs, instead of a dataset.")] = None,
    masks: Annotated[Path | None, typer.Option(help="Folder of their masks: same stems, PNG.")] = None,
    boxes: Annotated[Path | None, typer.Option(help="COCO JSON of their boxes.")] = None,
    output: Annotated[Path, typer.Option(help="Folder for results and pictures.")] = Path("evaluation"),
    threshold: Annotated[float, typer.Option(help="Probability from which a pixel is foreground.")] = 0.5,
    pictures: Annotated[int, typer.Option(help="Rows in the sheet of predictions.")] = 8,
) -> None:
    """Score a model on a dataset's split or on photographs with masks or boxes, beside the empty prediction.

    Example: synthgen evaluate models/mobilenet data/firearms --split test --output evaluation
    """
    options = {name: value for name, value in locals().items() if name in EvaluationConfig.model_fields}
    settings = _validated(EvaluationConfig, options)
    if (dataset is None) == (settings.images is None):
        raise ConfigError("give either a DATASET or --images with --masks or --boxes")
    from trainers.commands.run import score_boxes
    from trainers.predict.open import load_predictor
    from trainers.score.evaluate import evaluate as score
    from trainers.score.evaluate import folder_batches, shard_batches
    from trainers.show.sheets import prediction_sheet
    from trainers.show.tables import score_table, write_scores

    trained = load_predictor(model)
    make_directory(output)
    if settings.boxes is not None:
        score_boxes(trained, settings, output, console)
    if dataset is not None:
        batches, title = shard_batches(dataset, settings.split, SCORED_AT_A_TIME), f"{dataset.name}, {split}"
    elif settings.images is not None and settings.masks is not None:
        batches, title = folder_batches(settings.images, settings.masks, trained.size), str(settings.images.name)
    else:
        return
    result = score(trained, batches, threshold=settings.threshold, pictures=settings.pictures)
    results = {trained.title: result}
    write_scores(output, results, title)
    write_picture(output / "predictions.png", prediction_sheet(result.examples))
    console.print(score_table(results, f"{title} ({result.samples} images)"))


def predict(
    model: ModelFile,
    source: Annotated[str, typer.Argument(help="An image, a folder, a video, or a camera's number.", metavar="SOURCE")],
    output: Annotated[Path, typer.Option(help="Folder for masks, overlays, probabilities and instances.json.")],
    threshold: Annotated[
        float, typer.Option(min=0.0, max=1.0, help="Probability from which a pixel is foreground.")
    ] = 0.5,
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
    from trainers.predict.open import load_predictor
    from trainers.predict.write import predict_frames

    found = frames_of(source, every=every, limit=frames)
    model_file = load_predictor(model)
    for entry in predict_frames(model_file, found, output, threshold=threshold, min_area=min_area, tiled=tiled):
        count = len(entry["instances"])
        console.print(f"{entry['name']}: {entry['foreground']:.2%} foreground, {count} instances", highlight=False)


def package(
    model: Annotated[Path, typer.Argument(help="model.pt, or the folder that holds it.", metavar="MODEL")],
    output: Annotated[Path, typer.Option(help="Folder for ONNX, figures and model card.")],
    dataset: Annotated[
        Path | None, typer.Option(help="A generated dataset, to score on and to calibrate with.")
    ] = None,
    int8: Annotated[str, typer.Option(help="none, dynamic, or static, which needs --dataset.")] = "none",
    threshold: Annotated[
        float, typer.Option(min=0.0, max=1.0, help="Probability from which a pixel is foreground.")
    ] = 0.5,
) -> None:
    """Pack a model: ONNX, checked against torch, int8 where asked, a model card, its speed here.

    Example: synthgen package models/mobilenet --dataset data/firearms --int8 static --output packages/mobilenet
    """
    if int8 not in ("none", "dynamic", "static"):
        raise ConfigError(f"--int8 {int8}: expected none, dynamic or static")
    from trainers.learn.checkpoint import load_model
    from trainers.package.package import package as pack

    figures = pack(load_model(model), output, dataset=dataset, int8=int8, threshold=threshold)
    spent = ", ".join(f"{name} {milliseconds:.1f} ms" for name, milliseconds in figures["latency_ms"].items())
    console.print(f"ONNX differs by {figures['difference']:.1e}; one picture: {spent}", highlight=False)
    console.print(f"package: {output}", soft_wrap=True, highlight=False)


def photographs(
    images: Annotated[Path, typer.Argument(help="Folder of photographs.", metavar="IMAGES")],
    output: Annotated[Path, typer.Option(help="Folder to write images/ and masks/ into.")],
    tinted: Annotated[Path | None, typer.Option(help="Folder of the same, objects painted over translucently.")] = None,
    masks: Annotated[Path | None, typer.Option(help="Folder of their masks: same stems, PNG.")] = None,
    coco: Annotated[Path | None, typer.Option(help="COCO JSON of their segmentations.")] = None,
    category: Annotated[list[str] | None, typer.Option(help="Of the COCO file; repeatable; default: all.")] = None,
    six_fold: Annotated[
        bool, typer.Option("--six-fold", help="Each at 0° and 90°, as is and flipped both ways.")
    ] = False,
) -> None:
    """Make annotated photographs into folders of images and masks, to evaluate on.

    Example: synthgen photographs photos --tinted tinted --six-fold --output real
    """
    if sum(source is not None for source in (tinted, masks, coco)) != 1:
        raise ConfigError("give one of --tinted, --masks and --coco")
    from synthgen.formats.folder import Photograph, read_pairs
    from synthgen.formats.photographs import from_coco, from_tints, write_photographs, write_tint_reports
    from synthgen.formats.photographs import six_fold as turned

    found: Iterable[Photograph]
    if tinted is not None:
        pairs = list(from_tints(images, tinted))
        found, reports = [photograph for photograph, _ in pairs], [report for _, report in pairs]
        write_tint_reports(reports, make_directory(output) / "tints.tsv")
        for report in reports:
            console.print(f"{report.name}: {report.written.parts} parts, {report.written.holes} holes", highlight=False)
    elif coco is not None:
        found = from_coco(images, coco, category or ())
    else:
        assert masks is not None, "one of the three is given"
        found = read_pairs(images, masks)
    if six_fold:
        found = (turn for photograph in found for turn in turned(photograph))
    console.print(f"wrote {write_photographs(found, output)} photographs: {output}", soft_wrap=True, highlight=False)


def study(
    file: Annotated[Path, typer.Argument(help="The study file.", metavar="STUDY")],
    preset: Annotated[str, typer.Option(help="One of its presets.")] = "small",
    output: Annotated[Path, typer.Option(help="Folder for dataset, runs and report.")] = Path("runs/study"),
    dataset: Annotated[Path | None, typer.Option(help="A generated dataset, instead of generating one.")] = None,
    set_: Annotated[list[str] | None, typer.Option("--set", help="key=value of its pipeline; repeatable.")] = None,
    weights: Annotated[
        list[str] | None, typer.Option(help="ENCODER=FILE or ENCODER=imagenet where a grid names none; repeatable.")
    ] = None,
    images: Annotated[Path | None, typer.Option(help="Folder of photographs to be scored on, too.")] = None,
    masks: Annotated[Path | None, typer.Option(help="Folder of their masks: same stems, PNG.")] = None,
    boxes: Annotated[Path | None, typer.Option(help="COCO JSON of their boxes.")] = None,
    workers: Annotated[int, typer.Option(min=1, help="Trainings at a time on this machine.")] = 1,
    scheduler: Annotated[str | None, typer.Option(help="Address of a running Dask scheduler, instead.")] = None,
) -> None:
    """Train and score a grid of networks; the same command continues a study that broke off.

    Example: synthgen study studies/firearms.yaml --preset small --output runs/study
    """
    from trainers.study.config import load_study
    from trainers.study.study import run_study

    output = output.resolve()  # workers may stand elsewhere
    evaluation = _validated(EvaluationConfig, {"images": images, "masks": masks, "boxes": boxes})
    config, runs = load_study(file, preset, dict(_pair(option) for option in weights or ()))
    if dataset is None:
        pipeline = load_pipeline(config.pipeline, [*config.presets[preset].set, *(set_ or ())])
        dataset = output / "dataset"
        generate(pipeline, make_directory(dataset), console=console)
    report = run_study(
        config,
        preset,
        runs,
        dataset.resolve(),
        output,
        evaluation=evaluation,
        workers=workers,
        scheduler=scheduler,
        console=console,
    )
    console.print(f"report: {report}", soft_wrap=True, highlight=False)


def _pair(option: str) -> tuple[str, str]:
    encoder, equals, weights = option.partition("=")
    if not equals or not weights:
        raise ConfigError(f"--weights {option}: expected ENCODER=FILE, e.g. mobilenet_v2=weights.pth")
    return encoder, weights


def _validated(model: type[Any], options: dict[str, Any]) -> Any:
    try:
        return model.model_validate(options, context={"base": Path.cwd()})
    except ValidationError as error:
        raise ConfigError("\n".join(_line(dict(problem)) for problem in error.errors())) from None


def _line(problem: dict[str, Any]) -> str:
    option = "-".join(map(str, problem["loc"])).replace("_", "-")
    message = problem["msg"].removeprefix("Value error, ")
    if not option:  # about several options together
        return message
    return f"--{option}: {message}" + ("" if problem["type"] == "value_error" else f" (found {problem['input']!r})")
