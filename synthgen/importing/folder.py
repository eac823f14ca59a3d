"""The folder that is imported into: its catalog.csv, what was taken in before, and what was refused.

`imported.csv` remembers what every asset was made from, so that a second run knows it; a line that somebody took out of
the catalog stays out. `refused.csv` has the reasons. Both are no part of the catalog.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from synthgen.assets.entries import CATALOG_FILE, Kind, entries_of
from synthgen.core.errors import AssetError, ConfigError
from synthgen.core.files import read_bounded, write_atomic
from synthgen.formats.offer import Refused

__all__ = ["REFUSED_FILE", "AssetFolder"]

IMPORTED_FILE, REFUSED_FILE = "imported.csv", "refused.csv"
COLUMNS = ("id", "file", "category", "group", "role", "licence", "author", "source", "sha256")
OPTIONAL = ("length_m", "grip", "cut", "quality", "mask_source")
LARGEST = 2**28  # bytes of a table

Row = dict[str, str]


@dataclass
class AssetFolder:
    """What lies in the folder.

    Attributes:
        path: The folder.
        columns: Of its catalog, those that others have added, too.
        rows: Of its catalog.
        keys: What its assets were made from, with their ids.
        refused: Lines of what was refused: source, item, reason.
    """

    path: Path
    columns: tuple[str, ...] = COLUMNS
    rows: list[Row] = field(default_factory=list)
    keys: dict[str, str] = field(default_factory=dict)
    refused: list[Row] = field(default_factory=list)

    @classmethod
    def open(cls, path: Path, kind: Kind) -> AssetFolder:
        """Open a folder that may not be there yet.

        Raises:
            ConfigError: It holds pictures without a catalog, so that a catalog would leave them out.
            AssetError: Its catalog is broken.
        """
        catalog = path / CATALOG_FILE
        if not catalog.exists():
            if path.is_dir() and entries_of(path, kind, "object")[0]:
                raise ConfigError(
                    f"{path}: holds pictures without a {CATALOG_FILE}; write one with a line for each of them, "
                    f"or import into another folder"
                )
            return cls(path)
        entries_of(path, kind, "object")  # which checks every line
        columns, rows = _read(catalog)
        found = cls(path, tuple(columns), rows)
        if (path / IMPORTED_FILE).exists():
            found.keys = {row["key"]: row["id"] for row in _read(path / IMPORTED_FILE)[1]}
        if (path / REFUSED_FILE).exists():
            found.refused = _read(path / REFUSED_FILE)[1]
        return found

    def add(self, row: Mapping[str, str], key: str) -> None:
        """Add a line to the catalog, in memory."""
        missing = [name for name in (*COLUMNS, *OPTIONAL) if name not in self.columns and row.get(name)]
        self.columns = (*self.columns, *missing)
        self.rows.append(dict(row))
        self.keys[key] = row["id"]

    def save(self) -> None:
        """Write catalog and memory.

        Raises:
            OutputError: They cannot be written.
        """
        keys = [{"key": key, "id": name} for key, name in self.keys.items()]
        write_atomic(self.path / CATALOG_FILE, _table(self.columns, self.rows))
        write_atomic(self.path / IMPORTED_FILE, _table(("key", "id"), keys))

    @property
    def made(self) -> dict[str, str]:
        """The ids of all that was ever taken in, by their files; of some nothing may be left."""
        return {f"{name}.png": name for name in self.keys.values()} | {row["file"]: row["id"] for row in self.rows}

    def forget(self, names: Collection[str]) -> None:
        """Forget that assets were taken in that the catalog has no more, so that an import takes them in again.

        Raises:
            OutputError: It cannot be written.
        """
        gone = set(names) - {row["id"] for row in self.rows}
        if gone & set(self.keys.values()):
            self.keys = {key: name for key, name in self.keys.items() if name not in gone}
            self.save()

    def remove(self, files: Collection[str]) -> None:
        """Take assets out of the catalog and remove their files; they stay known, so no import takes them in again.

        Raises:
            OutputError: The catalog cannot be written.
            OSError: A file cannot be removed.
        """
        self.rows = [row for row in self.rows if row["file"] not in files]
        self.save()
        for file in files:
            (self.path / file).unlink(missing_ok=True)

    def save_refused(self, source: str, refused: Sequence[Refused]) -> None:
        """Write what was refused; lines of earlier runs on the same source are replaced.

        Raises:
            OutputError: It cannot be written.
        """
        kept = [row for row in self.refused if row.get("source") != source]
        new = [{"source": source, "item": each.item, "reason": each.reason} for each in refused]
        self.refused = kept + new
        write_atomic(self.path / REFUSED_FILE, _table(("source", "item", "reason"), self.refused))


def _read(path: Path) -> tuple[list[str], list[Row]]:
    try:
        text = read_bounded(path, LARGEST).decode("utf-8-sig")
        reader = csv.DictReader(io.StringIO(text, newline=""), restval="")
        rows = [{name: value for name, value in row.items() if name is not None} for row in reader]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise AssetError(f"{path}: cannot be read: {error}; restore it or remove it") from error
    return list(reader.fieldnames or ()), rows


def _table(columns: Sequence[str], rows: Sequence[Mapping[str, str]]) -> bytes:
    text = io.StringIO()
    writer = csv.DictWriter(text, columns, restval="", extrasaction="ignore", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode("utf-8", "replace")
