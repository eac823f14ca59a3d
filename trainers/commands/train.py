"""`synthgen train`: one network on one dataset."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from trainers.commands.options import Boxes, Fit, Masks, Overrides, given

if TYPE_CHECKING:
    from trainers.config.loop import TrainingConfig

__all__ = ["classes_option", "photographs_of", "train", "training_of"]


def train(
    output: Annotated[Path, typer.Option(help="Folder for the model, its checkpoints and metrics.")],
    dataset: Annotated[
        Path | None, typer.Argument(help="A generated dataset; none for photographs alone.", metavar="DATASET")
    ] = None,
    task: Annotated[str | None, typer.Option(help="What to learn.", show_default="segmentation")] = None,
    network: Annotated[str | None, typer.Option(help="Name of a network.", show_default="unet")] = None,
    encoder: Annotated[str | None, typer.Option(help="Name of an encoder.", show_default="mobilenet_v2")] = None,
    weights: Annotated[
        str | None, typer.Option(help="none, imagenet, or a file of encoder weights.", show_default="none")
    ] = None,
    finetune: Annotated[
        str | None,
        typer.Option(help="A model.pt to go on from, at a tenth of the rate, the head first.", metavar="MODEL"),
    ] = None,
    classes: Annotated[
        str | None,
        typer.Option(
            help="one; categories; names, as a,b; or a YAML of category: class, or category: null to drop it.",
            show_default="one",
        ),
    ] = None,
    loss: Annotated[str | None, typer.Option(help="Name of a loss.", show_default="bce_dice")] = None,
    epochs: Annotated[int | None, typer.Option(help="Passes over what is learnt from.", show_default="3")] = None,
    batch_size: Annotated[int | None, typer.Option(help="Samples in a batch.", show_default="32")] = None,
    learning_rate: Annotated[float | None, typer.Option(help="Highest learning rate.", show_default="0.001")] = None,
    device: Annotated[str | None, typer.Option(help="auto, cpu or gpu.", show_default="auto")] = None,
    seed: Annotated[int | None, typer.Option(help="Of weights, order and augmentation.", show_default="0")] = None,
    images: Annotated[Path | None, typer.Option(help="Folder of photographs to learn from, too.")] = None,
    masks: Masks = None,
    boxes: Boxes = None,
    labels: Annotated[Path | None, typer.Option(help="CSV of their labels: file, label (1 or 0).")] = None,
    pseudo_masks: Annotated[Path | None, typer.Option(help="Table that `synthgen pseudo-label` made of them.")] = None,
    share: Annotated[
        float | None, typer.Option(help="Of the photographs in every stretch of an epoch.", show_default="0.5, or all")
    ] = None,
    fit: Fit = None,
    set_: Overrides = None,
    resume: Annotated[bool, typer.Option("--resume", help="Continue from the last checkpoint in the output.")] = False,
) -> None:
    """Train a network on a generated dataset, on photographs, or on both. Other fields are set by --set.

    Example: synthgen train data/firearms --images photographs --boxes boxes.json --output models/both
    """
    options = given(
        task=task,
        network=network,
        encoder=encoder,
        weights=weights,
        finetune=finetune,
        loss=loss,
        epochs=epochs,
        batch_size=batch_size,
        learning_rate=learning_rate,
        device=device,
        seed=seed,
    )
    options |= {} if classes is None else classes_option(classes)
    photographs = given(
        images=images, masks=masks, boxes=boxes, labels=labels, pseudo_masks=pseudo_masks, share=share, fit=fit
    )
    config = training_of(options | photographs_of(photographs, alone=dataset is None), set_ or ())
    from trainers.learn.fit import fit as train_network

    typer.echo(f"model: {train_network(config, dataset, output, resume=resume)}")


def classes_option(text: str) -> dict[str, Any]:
    """Return the fields that --classes stands for: "one", "categories", names with commas, or a file of changes.

    Raises:
        ConfigError: The file cannot be read, or is no map of categories to classes.
    """
    from synthgen.formats.classes import read_classes

    if text in ("one", "categories"):
        return {"classes": text}
    if Path(text).suffix.lower() in (".yaml", ".yml"):
        return {"classes": "categories", "class_map": read_classes(Path(text))}
    return {"classes": [name.strip() for name in text.split(",")]}


def photographs_of(options: dict[str, Any], *, alone: bool) -> dict[str, Any]:
    """Return the field that the options of photographs make: they have half of every epoch, or all of it when alone.

    Raises:
        ConfigError: There are options of photographs, and no folder of them.
    """
    from synthgen.core.errors import ConfigError

    if not options:
        return {}
    if "images" not in options:
        raise ConfigError(
            f"--{next(iter(options)).replace('_', '-')} goes with --images, the folder of the photographs"
        )
    source = {name: str(value) if isinstance(value, Path) else value for name, value in options.items()}
    return {"photographs": [({"share": 1.0} if alone else {}) | source]}


def training_of(options: dict[str, Any], overrides: list[str] | tuple[()]) -> TrainingConfig:
    """Return the training that the options and the overrides after --set describe.

    Raises:
        ConfigError: A field is unknown to the task, is given twice, or has a wrong value.
    """
    from synthgen.core.errors import ConfigError
    from synthgen.core.yaml_file import apply_override
    from trainers.config.section import validated_training

    values = dict(options)
    for override in overrides:
        field = override.partition("=")[0]
        if field in options:
            raise ConfigError(f"--set {override}: --{field.replace('_', '-')} is given, too; give one of them")
        apply_override(values, override)
    if isinstance(values.get("finetune"), str):
        values = _network_of(values["finetune"]) | values
    return validated_training(values, "training", base=Path.cwd())


def _network_of(model: str) -> dict[str, Any]:
    """Return the fields of a model's network, so that they need not be said again; none of a file that is missing."""
    path = Path(model).expanduser()
    if not path.is_file():
        return {}  # the config says so
    from trainers.learn.begin import network_fields

    return network_fields(path)
