"""Pseudo-labels of a folder of pictures, a part after the other; a run that was killed continues (law 5)."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, runtime_checkable

from rich.console import Console

from synthgen import __version__
from synthgen.core.errors import OutputError
from synthgen.core.files import content_of
from synthgen.core.pictures import write_picture
from synthgen.core.progress import progress
from synthgen.core.types import RGB
from synthgen.formats.export.place import Place
from synthgen.formats.pseudo_table import PseudoLabel, read_pseudo_table, write_pseudo_table
from trainers.pseudo.rows import UNREADABLE, Labelling
from trainers.pseudo.sheet import pseudo_sheet

__all__ = ["COMMAND", "SHEET", "TABLE", "Beside", "PseudoLabelled", "pseudo_label_pictures"]

COMMAND, TABLE, SHEET = "pseudo-label", "pseudo.parquet", "sheet.png"


@runtime_checkable
class Beside(Protocol):
    """What a command writes beside the table."""

    def draw(self, row: PseudoLabel, image: RGB, folder: Path) -> None:
        """Write what is shown of one picture that could be read."""
        ...

    def tell(self, rows: Iterator[PseudoLabel], folder: Path) -> None:
        """Write what is said of all pictures, in their order."""
        ...


@dataclass(frozen=True, slots=True)
class PseudoLabelled:
    """What became of the pictures.

    Attributes:
        valid: Those whose mask may be learnt from.
        negative: Of these, those that show no target, as their label says.
        refused: Number of others by the reason.
        unreadable: Why a file could not be read.
    """

    valid: int
    negative: int
    refused: dict[str, int]
    unreadable: dict[str, str]


def pseudo_label_pictures(
    labelling: Labelling,
    annotation: Path | None,
    output: Path,
    *,
    batch_size: int,
    console: Console,
    command: str = COMMAND,
    beside: Beside | None = None,
) -> PseudoLabelled | None:
    """Write table, sheet and report into the new folder `output`, or continue it; None where they lie there already.

    Args:
        labelling: The pictures, and what labels them.
        annotation: File of what is known of them, if any.
        output: Folder that appears when all is done.
        batch_size: Pictures of a part, which the annotator sees at once.
        console: Shows the progress.
        command: Which command this is.
        beside: What is written beside the table.

    Raises:
        OutputError: `output` holds something else, or cannot be written.
        SynthgenError: The annotator cannot tell.
    """
    place = Place(output, command, "--output")
    identity = _identity(labelling, annotation, batch_size)
    if not place.claim(identity):
        return None
    numbers = range(len(labelling))
    parts = [numbers[first : first + batch_size] for first in range(0, len(numbers), batch_size)]
    try:
        _write_parts(labelling, place, parts, console, beside)
        if beside is not None:
            beside.tell(_rows(place, len(parts), heatmaps=False), place.files)
        return _finish(labelling, place, len(parts), identity)
    except OSError as error:
        raise OutputError(
            f"{output}: cannot be written: {error.strerror or error}; free some space and run the same command again, "
            "which continues"
        ) from error


def _identity(labelling: Labelling, annotation: Path | None, batch_size: int) -> dict[str, str]:
    """Return what decides the parts, as text. It reads every picture."""
    files = "\n".join(f"{labelling.subjects.file(number)} {own}" for number, own in enumerate(labelling.hashes))
    return {
        "pictures": hashlib.sha256(files.encode()).hexdigest(),
        "annotation": "" if annotation is None else content_of(annotation),
        "method": labelling.method,
        "params": labelling.params_json,
        "batch_size": str(batch_size),
        "synthgen": __version__,
    }


def _write_parts(
    labelling: Labelling, place: Place, parts: Sequence[range], console: Console, beside: Beside | None
) -> None:
    done = [number for number in range(len(parts)) if _part(place, number).exists()]
    total, kept = len(labelling), sum(len(parts[number]) for number in done)
    with progress(console, place.command, total=total, unit="pictures", done=kept) as report:
        for number in sorted({*range(len(parts))} - {*done}):
            rows = labelling.rows(parts[number])
            if beside is not None:  # first, as a part that is there is not done again
                for picture, row in zip(parts[number], rows, strict=True):
                    if not row.reason.startswith(UNREADABLE):
                        beside.draw(row, labelling.image(picture), place.files)
            write_pseudo_table(_part(place, number), rows)
            report(len(parts[number]))


def _part(place: Place, number: int) -> Path:
    return place.parts / f"{number:06d}.parquet"


def _finish(labelling: Labelling, place: Place, parts: int, identity: dict[str, str]) -> PseudoLabelled:
    """Join the parts, draw the sheet, and let all appear at once."""
    write_pseudo_table(place.files / TABLE, _rows(place, parts, heatmaps=True))
    rows = list(_rows(place, parts, heatmaps=False))
    found = _counted(rows)
    sheet = pseudo_sheet(rows, labelling.image, place.target.name)
    if sheet is not None:
        write_picture(place.files / SHEET, sheet)
    place.reveal(
        {
            place.command: identity,
            "valid": found.valid,
            "negative": found.negative,
            "refused": found.refused,
            "unreadable": found.unreadable,
        }
    )
    return found


def _rows(place: Place, parts: int, *, heatmaps: bool) -> Iterator[PseudoLabel]:
    for number in range(parts):
        yield from read_pseudo_table(_part(place, number), heatmaps=heatmaps)


def _counted(rows: Sequence[PseudoLabel]) -> PseudoLabelled:
    unreadable = {row.file: row.reason.removeprefix(UNREADABLE) for row in rows if row.reason.startswith(UNREADABLE)}
    refused = Counter(row.reason for row in rows if not row.valid and row.file not in unreadable)
    return PseudoLabelled(
        valid=sum(row.valid for row in rows),
        negative=sum(row.valid and row.label == 0 for row in rows),
        refused=dict(refused.most_common()),
        unreadable=unreadable,
    )
