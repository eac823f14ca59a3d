"""`synthgen assets import`: a folder of assets out of what others have drawn, cut or photographed."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from synthgen.commands.import_report import say_import
from synthgen.commands.terminal import console
from synthgen.core.errors import ConfigError

if TYPE_CHECKING:
    from synthgen.formats.offer import Offer
    from synthgen.importing.settings import ImportSettings

__all__ = ["import_assets"]


def import_assets(
    source: Annotated[Path, typer.Argument(help="Folder or file to import; it is not changed.", metavar="SOURCE")],
    into: Annotated[Path, typer.Option(help="Folder of assets, made where it is missing; what it holds stays.")],
    format_: Annotated[str | None, typer.Option("--format", help="How SOURCE is made; default: by looking.")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would be imported, and write nothing.")] = False,
    role: Annotated[
        str | None, typer.Option(help="target, distractor or background; default: as SOURCE says, or target.")
    ] = None,
    category: Annotated[str, typer.Option(help="Of what SOURCE does not name.")] = "object",
    classes: Annotated[
        Path | None,
        typer.Option(
            help='YAML that renames categories, merges or drops them: {sedan: car, "*": null}; "*" is all others.'
        ),
    ] = None,
    min_size: Annotated[int, typer.Option(help="Least long side of an object, pixels.")] = 32,
    truncated: Annotated[
        str, typer.Option(help="Objects that are cut off: refuse, or edge: to lie at the frame's edge.")
    ] = "refuse",
    invert: Annotated[bool, typer.Option("--invert", help="Masks are black where the object is.")] = False,
    group_by: Annotated[
        str, typer.Option(help="Regular expression: what it matches in a name is shared by assets of one group.")
    ] = "",
    licence: Annotated[str, typer.Option(help="Of what SOURCE gives no licence.")] = "",
    author: Annotated[str, typer.Option(help="Of what SOURCE gives no author.")] = "",
    origin: Annotated[str, typer.Option("--source", help="For the catalog: where it comes from.")] = "",
    every: Annotated[float, typer.Option(help="Seconds of a video that one background is taken from.")] = 2.0,
    clip: Annotated[
        bool, typer.Option("--clip", help="Take a video's frames as they come, so that sequences can show it.")
    ] = False,
) -> None:
    """Import cutouts, masks, polygons, photographs or videos into a folder of assets, with catalog.csv.

    Example: synthgen assets import annotated --into imported/mugs --classes mugs.yaml
    """
    from synthgen.core.progress import progress
    from synthgen.formats.classes import read_classes
    from synthgen.importing.classes import offered_categories, unknown_classes
    from synthgen.importing.settings import checked_settings
    from synthgen.importing.take_in import take_in

    settings = checked_settings(
        name=source.resolve().name or "source",
        role=role,
        category=category,
        classes={} if classes is None else read_classes(classes),
        min_size=min_size,
        source=origin,
        group_by=group_by,
        licence=licence,
        author=author,
        invert=invert,
        truncated=truncated,
        every=every,
        clip=clip,
    )
    name, offers = _offers(source, format_, settings)
    console().print(f"{source}: {name}", soft_wrap=True)
    for warning in unknown_classes(offered_categories(offers, settings), settings):
        console().print(f"warning: {warning}", soft_wrap=True)
    with progress(console(), "import", total=len(offers), unit="items") as done:
        found = take_in(offers, into, settings, dry=dry_run, progress=done)
    say_import(found, into, dry=dry_run)


def _offers(source: Path, name: str | None, settings: ImportSettings) -> tuple[str, list[Offer]]:
    """Return the name of the format and what the source offers."""
    from synthgen.formats.cutouts.registry import CUTOUT_FORMATS
    from synthgen.formats.detect import detected
    from synthgen.formats.offer import ReadOptions
    from synthgen.formats.scenes.registry import SCENE_FORMATS

    formats = SCENE_FORMATS if settings.role == "background" else CUTOUT_FORMATS
    chosen = name or detected(source, formats)
    if not source.exists() and chosen != "hugging_face":  # which may be named
        raise ConfigError(f"{source}: no such file or folder; correct the path")
    return chosen, list(formats[chosen].read(source, ReadOptions(settings.invert, settings.every, settings.clip)))
