"""`synthgen localize`: where on a picture that lies which a prompt names, by methods that saw no mask."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from trainers.commands.options import Overrides, given

if TYPE_CHECKING:
    from trainers.config.localize import LocalizeConfig
    from trainers.pseudo.subjects import Subjects

__all__ = ["localize"]


def localize(
    model: Annotated[
        str,
        typer.Argument(
            help="A CLIP, a trained model, an encoder with --classes, a localizer.yaml, or none.", metavar="MODEL"
        ),
    ],
    source: Annotated[Path, typer.Argument(help="Image, folder of photographs, or dataset.", metavar="SOURCE")],
    output: Annotated[Path, typer.Option(help="Folder to make, for the table, heat maps, masks, overlays and boxes.")],
    method: Annotated[str | None, typer.Option(help="Name of the localizer; see the page on localizers.")] = None,
    prompt: Annotated[
        list[str] | None, typer.Option(help="What to look for; of several, the one that fits counts; repeatable.")
    ] = None,
    background: Annotated[list[str] | None, typer.Option(help="What pictures show otherwise; repeatable.")] = None,
    template: Annotated[
        str | None, typer.Option(help='Sentence that a prompt stands in, at "{}", such as "a photo of a {}".')
    ] = None,
    threshold: Annotated[
        float | None, typer.Option(min=0.0, max=1.0, help="What a pixel of a heat map must reach.", show_default="0.5")
    ] = None,
    size: Annotated[
        int | None,
        typer.Option(
            min=1, help="Side of the square that pictures are brought to, pixels.", show_default="the method's"
        ),
    ] = None,
    weights: Annotated[
        str | None, typer.Option(help="Of a CLIP or an encoder that is named: a tag, a file, or none.")
    ] = None,
    classes: Annotated[
        Path | None, typer.Option(help="YAML that says which classes of an encoder a prompt means: {handgun: [763]}.")
    ] = None,
    labels: Annotated[
        Path | None, typer.Option(help="CSV of what is known: file, label. Those with label 0 are not looked at.")
    ] = None,
    split: Annotated[str | None, typer.Option(help="Of a dataset: train, val or test.", show_default="train")] = None,
    set_: Overrides = None,
) -> None:
    """Find what a prompt names on pictures with an image label or none: heat maps, masks, boxes, and a table of them.

    Example: synthgen localize none photographs --method centre --prompt handgun --output localized
    """
    from synthgen.commands.terminal import console

    config = _config(
        model,
        weights,
        classes,
        given(method=method, prompts=prompt, backgrounds=background, template=template, size=size and [size, size]),
        given(threshold=threshold),
        set_ or [],
    )
    subjects = _subjects(source, labels, split)
    from trainers.commands.pseudo_label import say_labelled
    from trainers.localize.annotator import LocalizerAnnotator  # here, so that wrong options fail before torch
    from trainers.localize.opened import open_localizer
    from trainers.localize.write import Pictures
    from trainers.pseudo.rows import Labelling
    from trainers.pseudo.run import pseudo_label_pictures

    annotator = LocalizerAnnotator(open_localizer(config.localizer), config.localizer, config.post)
    found = pseudo_label_pictures(
        Labelling(subjects, config.localizer.method, annotator, config.gate),
        labels,
        output.resolve(),
        batch_size=config.batch_size,
        console=console(),
        command="localize",
        beside=Pictures(),
    )
    say_labelled(found, output)


def _config(
    model: str,
    weights: str | None,
    classes: Path | None,
    localizer: dict[str, Any],
    post: dict[str, Any],
    overrides: list[str],
) -> LocalizeConfig:
    from synthgen.core.errors import ConfigError
    from synthgen.core.yaml_file import apply_override, validated
    from trainers.config.localize import LocalizeConfig, standing_on
    from trainers.config.registry import LOCALIZERS

    values = standing_on(model, weights, classes)
    if "method" in values["localizer"] and "method" in localizer:
        raise ConfigError(f"--method {localizer['method']}: {model} says which method it is of; leave it out")
    values = {**values, "localizer": values["localizer"] | localizer, "post": values.get("post", {}) | post}
    for override in overrides:
        apply_override(values, override)
    if "method" not in values["localizer"]:
        raise ConfigError(f"--method is missing; choose one of: {', '.join(LOCALIZERS)}")
    if "prompts" not in values["localizer"] and "model" not in values["localizer"]:
        raise ConfigError("--prompt is missing; say what to look for, such as handgun")
    return validated(LocalizeConfig, values, "localize", base=Path.cwd())


def _subjects(source: Path, labels: Path | None, split: str | None) -> Subjects:
    from synthgen.core.errors import ConfigError
    from synthgen.core.types import SPLITS
    from synthgen.formats.folder import read_folder
    from synthgen.formats.labels import read_labels
    from synthgen.shards.manifest import MANIFEST
    from synthgen.shards.reader import ShardDataset
    from synthgen.shards.samples import ShardSamples
    from trainers.pseudo.subjects import Photographs, Rows

    if (source / MANIFEST).is_file():
        if labels is not None:
            raise ConfigError(f"--labels {labels}: the rows of {source} have labels; leave it out")
        wanted = next((name for name in SPLITS if name == (split or "train")), None)
        if wanted is None:
            raise ConfigError(f"--split {split}: expected one of {', '.join(SPLITS)}")
        return Rows(ShardSamples(ShardDataset.open(source), wanted))
    if split is not None:
        raise ConfigError(f"--split {split}: {source} is no dataset; leave it out, or give a finished dataset")
    folder = source.parent if source.is_file() else source
    return Photographs(folder, read_folder(source) if labels is None else read_labels(folder, labels))
