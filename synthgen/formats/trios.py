"""CocoGlide's layout: pictures of which a part was painted anew, with the mask of that part and what is seen there.

A file table.json lists the trios, with paths within its folder:
`[{"real": "real/a.png", "fake": "fake/b.png", "mask": "mask/a.png", "prompt": "tv"}]`. The set was made for finding
forgeries; a real picture with the mask of its object serves for finding objects. Above 0 in a mask is the object.
"""

from __future__ import annotations

import json
import reprlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from synthgen.core.errors import DatasetError
from synthgen.core.picture import EncodedPicture
from synthgen.formats.folder import mask_truth
from synthgen.formats.photograph import open_photograph, photograph_name, read_file, refuse_clashes

__all__ = ["TABLE", "Trio", "TrioSamples", "read_trios"]

TABLE = "table.json"
PARTS = ("real", "fake", "mask")
MAX_TABLE = 64 * 2**20  # bytes


@dataclass(frozen=True, slots=True)
class Trio:
    """One line of the table.

    Attributes:
        real: The photograph.
        fake: The same with its object painted anew.
        mask: Where the object is.
        prompt: What it is.
    """

    real: Path
    fake: Path
    mask: Path
    prompt: str


@dataclass(frozen=True)
class TrioSamples:
    """The real pictures with the masks of their objects, each read when it is asked for.

    Attributes:
        folder: In which the table lies.
        trios: Those of which all three files are there.
        left_out: What each of the others lacks, in words.
    """

    folder: Path
    trios: tuple[Trio, ...]
    left_out: tuple[str, ...]

    @property
    def prompts(self) -> tuple[str, ...]:
        """What each picture shows."""
        return tuple(trio.prompt for trio in self.trios)

    def __len__(self) -> int:
        """Number of pictures."""
        return len(self.trios)

    def __getitem__(self, index: int, /) -> EncodedPicture:
        """Read picture `index`.

        Raises:
            IndexError: There is no such picture.
            DatasetError: It, or its mask, cannot be read, or the mask is of another size.
        """
        trio = self.trios[index]
        name = photograph_name(trio.real.relative_to(self.folder))
        return open_photograph(trio.real, name, partial(mask_truth, trio.mask))

    def __iter__(self) -> Iterator[EncodedPicture]:
        """Read one picture after the other."""
        return (self[index] for index in range(len(self)))


def read_trios(folder: Path) -> TrioSamples:
    """Return the trios of a folder in the order of its table; one of which a file is missing is left out and told.

    Raises:
        DatasetError: There is no table, a line of it is none, all trios lack a file, or two pictures have one name.
    """
    table = folder / TABLE
    try:
        lines = json.loads(read_file(table, MAX_TABLE))
    except (UnicodeDecodeError, json.JSONDecodeError, RecursionError) as error:
        raise DatasetError(f"{table}: no JSON: {error}; write a list of trios") from error
    if not isinstance(lines, list):
        raise DatasetError(f"{table}: expected a list of trios, found {reprlib.repr(lines)}")
    told = [_trio(table, number, line) for number, line in enumerate(lines, 1)]
    lacking = {trio: [part for part in PARTS if not getattr(trio, part).is_file()] for trio in told}
    whole = tuple(trio for trio in told if not lacking[trio])
    if not whole:
        raise DatasetError(f"{table}: names no trio of which all three files are there; correct its paths")
    refuse_clashes(((photograph_name(trio.real.relative_to(folder)), trio.real) for trio in whole), table)
    broken = {trio.real.relative_to(folder): ", ".join(parts) for trio, parts in lacking.items() if parts}
    return TrioSamples(folder, whole, tuple(f"{name}: no file for {parts}" for name, parts in broken.items()))


def _trio(table: Path, number: int, line: Any) -> Trio:
    """Return a line as a trio.

    Raises:
        DatasetError: It lacks something, or leads out of the folder.
    """
    where = f"{table}, trio {number}"
    values = line if isinstance(line, dict) else {}
    missing = [key for key in (*PARTS, "prompt") if not isinstance(values.get(key), str) or not values[key].strip()]
    if missing:
        raise DatasetError(f"{where}: has no {', '.join(missing)}; give real, fake, mask and prompt, each as text")
    files = [Path(values[part]) for part in PARTS]
    for file in files:
        if file.is_absolute() or ".." in file.parts:
            raise DatasetError(f"{where}: {reprlib.repr(str(file))} leads out of the folder; name files within it")
    real, fake, mask = (table.parent / file for file in files)
    return Trio(real, fake, mask, values["prompt"].strip())
