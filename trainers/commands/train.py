"""`synthgen train`: one network on one dataset."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from trainers.commands.options import Dataset, Overrides, given

if TYPE_CHECKING:
    from trainers.config.loop import TrainingConfig

__all__ = ["train", "training_of"]


def train(
    dataset: Dataset,
    output: Annotated[Path, typer.Option(help="Folder for the model, its checkpoints and metrics.")],
    task: Annotated[str | None, typer.Option(help="What to learn.", show_default="segmentation")] = None,
    network: Annotated[str | None, typer.Option(help="Name of a network.", show_default="unet")] = None,
    encoder: Annotated[str | None, typer.Option(help="Name of an encoder.", show_default="mobilenet_v2")] = None,
    weights: Annotated[
        str | None, typer.Option(help="none, imagenet, or a file of encoder weights.", show_default="none")
    ] = None,
    loss: Annotated[str | None, typer.Option(help="Name of a loss.", show_default="bce_dice")] = None,
    epochs: Annotated[int | None, typer.Option(help="Passes over the training split.", show_default="3")] = None,
    batch_size: Annotated[int | None, typer.Option(help="Samples in a batch.", show_default="32")] = None,
    learning_rate: Annotated[float | None, typer.Option(help="Highest rate of AdamW.", show_default="0.001")] = None,
    device: Annotated[str | None, typer.Option(help="auto, cpu or gpu.", show_default="auto")] = None,
    seed: Annotated[int | None, typer.Option(help="Of weights, order and augmentation.", show_default="0")] = None,
    set_: Overrides = None,
    resume: Annotated[bool, typer.Option("--resume", help="Continue from the last checkpoint in the output.")] = False,
) -> None:
    """Train a network on a generated dataset. Any other field of a training is set by --set.

    Example: synthgen train data/firearms --encoder efficientnet-b0 --set schedule=cosine --output models/mine
    """
    options = given(
        task=task,
        network=network,
        encoder=encoder,
        weights=weights,
        loss=loss,
        epochs=epochs,
        batch_size=batch_size,
        learning_rate=learning_rate,
        device=device,
        seed=seed,
    )
    config = training_of(options, set_ or ())
    from trainers.learn.fit import fit

    typer.echo(f"model: {fit(config, dataset, output, resume=resume)}")


def training_of(options: dict[str, Any], overrides: list[str] | tuple[()]) -> TrainingConfig:
    """Return the training that the options and the overrides after --set describe.

    Raises:
        ConfigError: A field is unknown to the task, is given twice, or has a wrong value.
    """
    from synthgen.core.errors import ConfigError
    from synthgen.core.yaml_file import apply_override, validated
    from trainers.config.section import training_model

    values = dict(options)
    for override in overrides:
        field = override.partition("=")[0]
        if field in options:
            raise ConfigError(f"--set {override}: --{field.replace('_', '-')} is given, too; give one of them")
        apply_override(values, override)
    return validated(training_model(str(values.get("task", "segmentation"))), values, "training", base=Path.cwd())
