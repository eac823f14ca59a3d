"""`synthgen export`: a dataset as other tools read it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from synthgen.commands.options import DatasetFolder, Scheduler, split_of
from synthgen.commands.terminal import console
from synthgen.core.errors import ConfigError

if TYPE_CHECKING:
    from synthgen.core.classes import Classes
    from synthgen.formats.export.exporter import Exported
    from synthgen.formats.export.format import ExportFormat
    from synthgen.shards.manifest import Manifest

__all__ = ["export"]

FORMATS = "coco, folders, huggingface, voc, webdataset, yolo (boxes) or yolo-seg (outlines)."


def export(
    dataset: DatasetFolder,
    format_: Annotated[str, typer.Option("--format", help=FORMATS, metavar="FORMAT")],
    out: Annotated[Path, typer.Option(help="Folder to make; it must not exist, or be empty.")],
    split: Annotated[list[str] | None, typer.Option(help="train, val or test; repeatable; default: all.")] = None,
    rows: Annotated[Path | None, typer.Option(help="File of sample_ids, one a line: export these rows alone.")] = None,
    classes: Annotated[
        Path | None, typer.Option(help="YAML of category: class, or category: null to drop it; others stay.")
    ] = None,
    one_class: Annotated[bool, typer.Option("--one-class", help="Call every category `object`.")] = False,
    polygons: Annotated[bool, typer.Option("--polygons", help="COCO: outlines instead of run lengths.")] = False,
    amodal: Annotated[
        bool, typer.Option("--amodal", help="COCO: masks and boxes of whole objects, also where they are hidden.")
    ] = False,
    workers: Annotated[int, typer.Option(min=1, max=1024, help="Worker processes.")] = 2,
    scheduler: Scheduler = None,
) -> None:
    """Write a dataset in a format of other tools, or continue to; images are copied, never encoded again.

    Example: synthgen export data/firearms --format coco --out data/firearms-coco
    """
    from synthgen.formats.export.exporter import Export, export_dataset
    from synthgen.formats.export.selection import Selection, read_names
    from synthgen.parallel.settings import EngineConfig
    from synthgen.shards.reader import ShardDataset

    writer = _writer(format_, polygons, amodal)
    source = ShardDataset.open(dataset)
    chosen = _classes(source.manifest, classes, one_class)
    names = None if rows is None else read_names(rows)
    selection = Selection.of(source, [split_of(name) for name in split or ()], names)
    kind: Literal["local", "scheduler"] = "local" if scheduler is None else "scheduler"
    engine = EngineConfig(kind=kind, scheduler=scheduler, workers=workers)
    task = Export(source, format_, writer, selection, chosen)
    done = export_dataset(task, out.resolve(), engine=engine, console=console())
    if done is None:
        console().print(f"{out}: lies there already, of this dataset and these options", soft_wrap=True)
    else:
        _say(done, chosen, out)


def _writer(name: str, polygons: bool, amodal: bool) -> ExportFormat:
    from synthgen.formats.export.registry import EXPORTS

    options = {"polygons": polygons, "amodal": amodal}
    given = {option: True for option, value in options.items() if value}
    if given and name != "coco":
        raise ConfigError(f"--{next(iter(given))} is of --format coco; leave it out, or choose that format")
    return EXPORTS[name](**given)


def _classes(manifest: Manifest, path: Path | None, one_class: bool) -> Classes:
    from synthgen.core.classes import ONE_CLASS, Classes
    from synthgen.formats.classes import read_classes

    if path is not None and one_class:
        raise ConfigError("--classes and --one-class exclude each other; give one of them")
    changes = dict.fromkeys(manifest.categories, ONE_CLASS) if one_class else {} if path is None else read_classes(path)
    return Classes.of(manifest.categories, changes)


def _say(done: Exported, classes: Classes, out: Path) -> None:
    """Print what was exported, and what the format makes of the masks."""
    from rich.table import Table

    splits = list(done.rows)
    table = Table("", *splits, title=f"exported to {out}", title_justify="left")
    table.add_row("rows", *(f"{done.rows[split]:,}" for split in splits))
    table.add_row("rows without an object", *(f"{done.negatives[split]:,}" for split in splits), end_section=True)
    for name in classes.names:
        table.add_row(name, *(f"{done.instances[split, name]:,}" for split in splits))
    console().print(table)
    if done.loss.pixels:
        share = 100 * done.loss.wrong / done.loss.pixels
        console().print(
            f"outlines lose or add {done.loss.wrong:,} of {done.loss.pixels:,} pixels of masks ({share:.3g} %)",
            soft_wrap=True,
        )
