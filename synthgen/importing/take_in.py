"""The import: offers in, files and lines of a catalog out, in batches; each is safe on the disk before the next begins.

A second run knows what there is by digests of what it was made from: it adds what is new and changes nothing else.
"""

from __future__ import annotations

import hashlib
import os
from collections import Counter, deque
from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, field
from functools import partial
from itertools import chain, islice
from pathlib import Path

from synthgen.assets.entries import Kind
from synthgen.core.errors import AssetError, OutputError
from synthgen.core.files import make_directory, write_atomic
from synthgen.core.likeness import Fingerprint
from synthgen.core.pictures import read_background, read_foreground
from synthgen.formats.offer import Offer, Refused
from synthgen.importing.folder import AssetFolder, Row
from synthgen.importing.groups import Groups, print_of
from synthgen.importing.names import Ids
from synthgen.importing.piece import Piece, Seen
from synthgen.importing.prepare import Result, prepare
from synthgen.importing.settings import ImportSettings

__all__ = ["Import", "take_in"]

BATCH = 128  # offers between two savings of the catalog
WRITERS = 16  # threads: they wait for the disk, which makes many files safe at once
SHOWN = 60  # pieces on the sheet
ALIKE = {
    "background": "no change of scene: it looks like one that is there",
    "foreground": "a near-duplicate: it looks like one that is there",
}
LINKS = "resembles assets of more groups than one, and groups that are there never merge; leave it out"


@dataclass
class Import:
    """What became of a source.

    Attributes:
        kind: Which of the two the assets are.
        categories: Number of assets that were imported, by category.
        groups: Names of their groups.
        converted: How many files were written anew, by what had to be converted.
        seen: How many were there already.
        refused: What was not imported.
        shown: Some of the assets, evenly chosen, to look at.
        most_shown: How many of them at most.
    """

    kind: Kind
    categories: Counter[str] = field(default_factory=Counter)
    groups: set[str] = field(default_factory=set)
    converted: Counter[str] = field(default_factory=Counter)
    seen: int = 0
    refused: list[Refused] = field(default_factory=list)
    shown: list[Piece] = field(default_factory=list)
    most_shown: int = SHOWN

    def note(self, piece: Piece, group: str) -> None:
        """Count an asset that was imported."""
        self.categories[piece.told.category] += 1
        self.groups.add(group)
        if piece.note:
            self.converted[piece.note] += 1
        self.shown = sorted([*self.shown, piece], key=lambda each: each.key)[: self.most_shown]


def take_in(
    offers: Iterable[Offer],
    into: Path,
    settings: ImportSettings,
    *,
    dry: bool = False,
    shown: int = SHOWN,
    progress: Callable[[int], None] = lambda count: None,
) -> Import:
    """Import all that is offered into a folder; a `dry` run writes nothing and says the same.

    Args:
        offers: What there is.
        into: The folder.
        settings: How it is taken in.
        dry: Whether nothing is written.
        shown: How many of the assets are kept to look at.
        progress: Is told how many offers are done.

    Raises:
        ConfigError: The folder holds pictures without a catalog.
        AssetError: Its catalog is broken.
        OutputError: It cannot be written; what was imported so far stays, and the same command continues.
    """
    kind: Kind = "background" if settings.role == "background" else "foreground"
    folder = AssetFolder.open(into, kind)
    if not dry:
        make_directory(into)
    found = Import(kind, most_shown=shown)
    with ThreadPoolExecutor(os.cpu_count()) as pool, ThreadPoolExecutor(WRITERS) as writers:
        admission = _Admission(folder, _groups_of(folder, kind, pool), settings, found)
        make = partial(prepare, settings=settings, known=frozenset(folder.keys), dry=dry)
        with closing(_ahead(make, offers, pool, progress)) as batches:
            for batch in batches:
                admitted = admission.admit_batch(batch)
                if not dry:
                    _write(folder, admitted, writers)
    if not dry:
        folder.save_refused(settings.name, found.refused)
    return found


class _Admission:
    """Gives newcomers their groups, ids and lines, in the order in which they come."""

    def __init__(self, folder: AssetFolder, groups: Groups, settings: ImportSettings, found: Import) -> None:
        self._folder, self._groups, self._settings, self._found = folder, groups, settings, found
        self._ids = Ids(row["id"] for row in folder.rows)

    def admit_batch(self, batch: list[list[Result]]) -> list[tuple[Piece, Row]]:
        """Return what is admitted of a batch of offers, with its lines of the catalog."""
        self._groups.compare([each.print_ for results in batch for each in results if isinstance(each, Piece)])
        return [each for results in batch for each in self.admit(results)]

    def admit(self, results: list[Result]) -> list[tuple[Piece, Row]]:
        """Return what is admitted of one offer, with its lines of the catalog."""
        pieces = list[Piece]()
        for result in results:
            if isinstance(result, Refused):
                self._found.refused.append(result)
            elif isinstance(result, Seen) or result.key in self._folder.keys:
                self._found.seen += 1
            elif result.fresh and any(self._groups.resembled([result.print_])):
                self._found.refused.append(Refused(result.name, ALIKE[self._found.kind]))
            else:
                pieces.append(result)
                self._folder.keys[result.key] = ""  # a copy further on is seen
        admitted = list[tuple[Piece, Row]]()
        for category_group in dict.fromkeys(piece.told.group for piece in pieces):
            members = [piece for piece in pieces if piece.told.group == category_group]
            given = self._groups.admit([piece.print_ for piece in members], category_group)
            for piece, group in zip(members, given, strict=True):
                if group is None:
                    del self._folder.keys[piece.key]
                    self._found.refused.append(Refused(piece.name, LINKS))
                else:
                    admitted.append((piece, self._line(piece, group)))
        return admitted

    def _line(self, piece: Piece, group: str) -> Row:
        name = self._ids.new(piece.name)
        credit = piece.told.credit
        row = dict(piece.columns) | {
            "id": name,
            "file": f"{name}{piece.suffix}",
            "category": piece.told.category,
            "group": group,
            "role": self._settings.role or piece.columns.get("role") or "target",
            "licence": credit.licence,
            "author": credit.author,
            "source": credit.source,
            "sha256": hashlib.sha256(piece.data).hexdigest(),
        }
        self._folder.add(row, piece.key)
        self._found.note(piece, group)
        return row


def _write(folder: AssetFolder, admitted: list[tuple[Piece, Row]], writers: ThreadPoolExecutor) -> None:
    """Write the files, then the catalog that names them."""
    try:
        for _ in writers.map(lambda pair: write_atomic(folder.path / pair[1]["file"], pair[0].data), admitted):
            pass
        if admitted:
            folder.save()
    except OutputError as error:
        raise OutputError(f"{error}; then the same command continues") from error


def _groups_of(folder: AssetFolder, kind: Kind, pool: ThreadPoolExecutor) -> Groups:
    """Return the groups of what lies in the folder, oldest first."""
    groups = Groups()
    read = read_foreground if kind == "foreground" else read_background

    def look(row: Row) -> Fingerprint | None:
        try:
            return print_of(read(folder.path / row["file"])[0])
        except (AssetError, OSError):  # the check of assets says so
            return None

    for row, print_ in zip(folder.rows, pool.map(look, folder.rows), strict=True):
        if print_ is not None:
            groups.add(print_, row["group"])
    return groups


def _ahead(
    make: Callable[[Offer], list[Result]],
    offers: Iterable[Offer],
    pool: ThreadPoolExecutor,
    progress: Callable[[int], None],
) -> Generator[list[list[Result]], None, None]:
    """Yield what is made of each batch of offers while that of the next is being made; tell of each offer."""

    def results(batch: list[Future[list[Result]]]) -> Iterator[list[Result]]:
        for each in batch:
            yield each.result()
            progress(1)

    coming = deque[list[Future[list[Result]]]]()
    iterator = iter(offers)
    try:
        while batch := [pool.submit(make, offer) for offer in islice(iterator, BATCH)]:
            coming.append(batch)
            if len(coming) > 1:
                yield list(results(coming.popleft()))
        for batch in coming:
            yield list(results(batch))
    finally:
        for future in chain.from_iterable(coming):
            future.cancel()
