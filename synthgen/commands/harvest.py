"""`synthgen assets harvest`: cutouts out of photographs, by masks that a model or a rule has guessed."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from synthgen.commands.import_report import say_import
from synthgen.commands.terminal import console

if TYPE_CHECKING:
    from synthgen.importing.verdicts import Verdicts

__all__ = ["harvest"]

SHOWN = 400  # cutouts on the sheet, as each is to be judged


def harvest(
    table: Annotated[
        Path, typer.Argument(help="pseudo.parquet of localize or pseudo-label; its masks are cut out.", metavar="TABLE")
    ],
    images: Annotated[Path, typer.Option(help="Folder of its photographs; a catalog.csv there says whose they are.")],
    into: Annotated[Path, typer.Option(help="Folder of cutouts, made where it is missing; what it holds stays.")],
    second: Annotated[
        Path | None,
        typer.Argument(help="Table by another method, of the same pictures, which has to agree.", metavar="SECOND"),
    ] = None,
    agreement: Annotated[float, typer.Option(min=0.0, max=1.0, help="Least IoU of the masks of both tables.")] = 0.5,
    least_score: Annotated[float, typer.Option(min=0.0, max=1.0, help="Least score of a photograph.")] = 0.0,
    least_area: Annotated[float, typer.Option(min=0.0, max=1.0, help="Least share of a photograph.")] = 0.0,
    most_area: Annotated[float, typer.Option(min=0.0, max=1.0, help="Largest share of a photograph.")] = 1.0,
    verdicts: Annotated[
        Path | None, typer.Option(help="CSV of file, verdict (accept or reject): what is rejected is removed.")
    ] = None,
    role: Annotated[str, typer.Option(help="target or distractor.")] = "target",
    category: Annotated[str, typer.Option(help="Of what the table does not name.")] = "object",
    classes: Annotated[
        Path | None,
        typer.Option(help='YAML that renames categories, merges or drops them: {a gun: handgun, "*": null}.'),
    ] = None,
    min_size: Annotated[int, typer.Option(help="Least long side of an object, pixels.")] = 32,
    truncated: Annotated[
        str, typer.Option(help="Objects that are cut off: refuse, or edge: to lie at the frame's edge.")
    ] = "refuse",
    group_by: Annotated[
        str, typer.Option(help="Regular expression: what it matches in a name is shared by photographs of one source.")
    ] = "",
    licence: Annotated[str, typer.Option(help="Of photographs whose licence is not known.")] = "",
    author: Annotated[str, typer.Option(help="Of photographs whose author is not known.")] = "",
    origin: Annotated[str, typer.Option("--source", help="For the catalog: where they come from.")] = "",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would be cut out, and write nothing.")] = False,
) -> None:
    """Cut out what pseudo-masks outline, with clean edges, as pseudo in the catalog's column mask_source.

    Example: synthgen assets harvest localized/pseudo.parquet --images photographs --into imported/harvested
    """
    from synthgen.core.progress import progress
    from synthgen.core.yaml_file import validated
    from synthgen.formats.classes import read_classes
    from synthgen.formats.cutouts.pseudo import HarvestGate, pseudo_offers
    from synthgen.importing.folder import AssetFolder
    from synthgen.importing.settings import checked_settings
    from synthgen.importing.take_in import take_in
    from synthgen.importing.verdicts import read_verdicts, take_back

    settings = checked_settings(
        name=images.resolve().name or "photographs",
        role=role,
        category=category,
        classes={} if classes is None else read_classes(classes),
        min_size=min_size,
        source=origin,
        group_by=group_by,
        licence=licence,
        author=author,
        truncated=truncated,
        mask_source="pseudo",
        alike="refuse",
    )
    limits = {"least_score": least_score, "least_area": least_area, "most_area": most_area, "agreement": agreement}
    gate = validated(HarvestGate, limits, "harvest", base=Path.cwd())
    judged: Verdicts = {}
    if verdicts is not None:
        folder = AssetFolder.open(into, "foreground")
        judged = read_verdicts(verdicts, folder)
    offers = pseudo_offers(images, table, second, gate)
    if judged and not dry_run:
        take_back(folder, judged)
    with progress(console(), "harvest", total=len(offers), unit="photographs") as done:
        found = take_in(offers, into, settings, dry=dry_run, shown=SHOWN, progress=done)
    say_import(found, into, dry=dry_run)
    if not dry_run:
        _judge(into, judged)


def _judge(into: Path, judged: Verdicts) -> None:
    """Remove what is rejected, and leave the list of verdicts with what is known of each cutout."""
    from synthgen.importing.folder import AssetFolder
    from synthgen.importing.verdicts import VERDICTS_FILE, apply_verdicts, read_verdicts, write_verdicts

    folder = AssetFolder.open(into, "foreground")
    if judged:
        console().print(f"rejected: {apply_verdicts(folder, judged):,} removed")
    place = into / VERDICTS_FILE
    written = read_verdicts(place, folder) if place.exists() else {}
    write_verdicts(folder, written | judged)
    console().print(
        f"{len(folder.rows):,} cutouts: {into}; to refuse some, edit {place} and give it as --verdicts", soft_wrap=True
    )
