"""What an import says, and the sheets that it leaves to judge it by."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from synthgen.commands.terminal import console, save_picture

if TYPE_CHECKING:
    from synthgen.importing.take_in import Import

__all__ = ["say_import"]


def say_import(found: Import, into: Path, *, dry: bool) -> None:
    """Print what was imported and what was refused; save the sheets beside the folder, unless nothing was written."""
    from synthgen.report.import_tables import import_table, refusals_table

    console().print(import_table(found))
    if found.refused:
        console().print(refusals_table(found))
    if dry:
        console().print("dry run: nothing was written")
    elif found.shown:
        _save_sheets(found, into)


def _save_sheets(found: Import, into: Path) -> None:
    """Write them beside the folder, in which every picture is an asset."""
    from synthgen.report.import_tables import edge_sheet, import_sheet

    title = f"imported into {into.name}"
    save_picture(into.with_name(f"{into.name}-sheet.png"), import_sheet(found, title))
    edges = edge_sheet(found, title)
    if edges is not None:
        save_picture(into.with_name(f"{into.name}-edges.png"), edges)
