"""What an import did: tables for the terminal, and sheets to judge it by."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from io import BytesIO

import cv2
from rich.table import Table

from synthgen.core.pictures import read_background, read_foreground
from synthgen.core.types import AnyRGB
from synthgen.draw.palette import PAPER
from synthgen.draw.sheet import beside, captioned, framed, grid, titled
from synthgen.importing.look import on_ground, thumbnail
from synthgen.importing.piece import Edges, Piece
from synthgen.importing.take_in import Import

__all__ = ["edge_sheet", "import_sheet", "import_table", "refusals_table"]

REASONS = 15  # in the table
GAP = 12
COLUMNS = 10  # of the sheet
NEAR = 8  # enlargement of edges
EDGES = 12  # on the sheet
LETTERS = 16  # of a name
CAPTION = 150  # pixels: least width of a caption


def import_table(found: Import) -> Table:
    """Return a row for each category, and rows for what was there, converted and refused."""
    table = Table("what", "count", title="imported")
    for category, count in sorted(found.categories.items()):
        table.add_row(category, f"{count:,}")
    table.add_section()
    table.add_row("in all", f"{found.categories.total():,}")
    table.add_row("groups", f"{len(found.groups):,}")
    for note, count in found.converted.most_common():
        table.add_row(f"converted: {note}", f"{count:,}")
    table.add_row("there already", f"{found.seen:,}")
    table.add_row("refused", f"{len(found.refused):,}")
    return table


def refusals_table(found: Import) -> Table:
    """Return a row for each of the most common reasons, with one item that it holds for."""
    table = Table("refused", "reason", "such as", title="refused")
    counts = Counter(each.reason for each in found.refused)
    examples = {each.reason: each.item for each in reversed(found.refused)}
    for reason, count in counts.most_common(REASONS):
        table.add_row(f"{count:,}", reason, examples[reason])
    rest = sum(count for _, count in counts.most_common()[REASONS:])
    if rest:
        table.add_row(f"{rest:,}", f"{len(counts) - REASONS} other reasons", "")
    return table


def import_sheet(found: Import, title: str) -> AnyRGB:
    """Draw some of what was imported, the most doubtful edges first.

    Raises:
        ValueError: Nothing was imported.
    """
    read = read_background if found.kind == "background" else read_foreground
    tiles = [
        _named(framed(thumbnail(read(BytesIO(piece.data))[0]), (0, CAPTION), paper=PAPER), piece)
        for piece in _by_quality(found.shown)
    ]
    facts = (
        f"{len(tiles)} of {found.categories.total():,} · {len(found.groups):,} groups · {len(found.refused):,} refused"
    )
    scored = any(piece.quality is not None for piece in found.shown)
    legend = " · before each category: quality of its edges from 0 to 1, lowest first" if scored else ""
    return titled(grid(tiles, COLUMNS, gap=GAP, paper=PAPER), title, facts + legend, margin=GAP)


def edge_sheet(found: Import, title: str) -> AnyRGB | None:
    """Draw edges from near: photograph, cut by the mask, and mended; None where no edge was made."""
    pieces = [piece for piece in _by_quality(found.shown) if piece.edges is not None]
    if not pieces:
        return None
    chosen = [pieces[place * len(pieces) // min(EDGES, len(pieces))] for place in range(min(EDGES, len(pieces)))]
    tiles = [_named(_edges(piece.edges), piece) for piece in chosen if piece.edges]
    facts = f"at {NEAR} times its size: the photograph · cut along its mask · with its edge mended"
    return titled(grid(tiles, 2, gap=GAP, paper=PAPER), title, facts, margin=GAP)


def _by_quality(pieces: Sequence[Piece]) -> list[Piece]:
    return sorted(pieces, key=lambda piece: (1.0 if piece.quality is None else piece.quality, piece.key))


def _named(tile: AnyRGB, piece: Piece) -> AnyRGB:
    """Write above a tile what it shows, and below that its name with its end, which tells it from others."""
    quality = "" if piece.quality is None else f"{piece.quality:.2f} "
    cut = f", cut {piece.columns['cut']}" if piece.columns.get("cut") else ""
    name = piece.name if len(piece.name) <= LETTERS else f"…{piece.name[1 - LETTERS :]}"
    return captioned(captioned(tile, name, paper=PAPER), f"{quality}{piece.told.category}{cut}", paper=PAPER)


def _edges(edges: Edges) -> AnyRGB:
    parts = (edges.photograph, on_ground(edges.before), on_ground(edges.after))
    large = [cv2.resize(part, None, fx=NEAR, fy=NEAR, interpolation=cv2.INTER_NEAREST) for part in parts]
    return beside(large, gap=4)
