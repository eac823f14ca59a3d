"""`synthgen preview`: a contact sheet."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from synthgen.commands.options import DatasetFolder, SplitName, split_of
from synthgen.commands.terminal import save_picture

__all__ = ["preview"]


def preview(
    dataset: DatasetFolder,
    out: Annotated[Path, typer.Option(help="Picture to write (PNG).")],
    split: SplitName = "train",
    count: Annotated[int, typer.Option(min=1, max=400, help="Samples to show.")] = 24,
    columns: Annotated[int, typer.Option(min=1, max=20, help="Samples in a row.")] = 6,
) -> None:
    """Draw a contact sheet: pictures with mask outlines, boxes and captions.

    Example: synthgen preview data/firearms --out sheet.png --count 24
    """
    from synthgen.report.contact_sheet import contact_sheet
    from synthgen.shards.reader import ShardDataset

    sheet = contact_sheet(ShardDataset.open(dataset), split=split_of(split), count=count, columns=columns)
    save_picture(out, sheet)
