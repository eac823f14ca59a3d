"""`synthgen preview`: a contact sheet, or a sequence as a film."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from synthgen.commands.options import DatasetFolder, SplitName, split_of
from synthgen.commands.terminal import console, save_picture

__all__ = ["preview"]


def preview(
    dataset: DatasetFolder,
    out: Annotated[Path, typer.Option(help="Picture to write (PNG), or film (MP4).")],
    split: SplitName = "train",
    count: Annotated[int, typer.Option(min=1, max=400, help="Samples to show.")] = 24,
    columns: Annotated[int, typer.Option(min=1, max=20, help="Samples in a row.")] = 6,
    sequence: Annotated[int, typer.Option(min=0, help="Which of the split's sequences, from 0.")] = 0,
    animate: Annotated[bool, typer.Option("--animate", help="Write the sequence as an MP4.")] = False,
) -> None:
    """Draw a contact sheet: pictures with mask outlines, boxes and captions; of sequences, the frames of one.

    Example: synthgen preview data/firearms --out sheet.png --count 24
    """
    from synthgen.report.contact_sheet import contact_sheet
    from synthgen.report.footage import film_of
    from synthgen.shards.reader import ShardDataset

    shards, part = ShardDataset.open(dataset), split_of(split)
    if animate:
        film_of(shards, part, sequence, out)
        console().print(f"wrote {out}", soft_wrap=True)
        return
    save_picture(out, contact_sheet(shards, split=part, count=count, columns=columns, sequence=sequence))
