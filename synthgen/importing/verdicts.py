"""Which of what was taken in stays: a table of verdicts in the folder, a line for each file, to be edited."""

from __future__ import annotations

import csv
import io
from pathlib import Path

from synthgen.core.errors import ConfigError
from synthgen.core.files import read_bounded, write_atomic
from synthgen.importing.folder import AssetFolder

__all__ = ["VERDICTS_FILE", "apply_verdicts", "read_verdicts", "take_back", "write_verdicts"]

VERDICTS_FILE = "verdicts.csv"
ACCEPT, REJECT = "accept", "reject"
LARGEST = 2**28  # bytes of a table

Verdicts = dict[str, str]


def read_verdicts(path: Path, folder: AssetFolder) -> Verdicts:
    """Return the verdict on each file that a table names, "accept" or "reject".

    Raises:
        ConfigError: It cannot be read, has other columns or verdicts, or names a file that never was in the folder.
    """
    try:
        reader = csv.DictReader(io.StringIO(read_bounded(path, LARGEST).decode("utf-8-sig"), newline=""))
        rows = [(reader.line_num, row.get("file") or "", (row.get("verdict") or "").strip()) for row in reader]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise ConfigError(
            f"{path}: no table of verdicts can be read: {error}; give a CSV with file, verdict"
        ) from error
    if not {"file", "verdict"} <= set(reader.fieldnames or ()):
        raise ConfigError(f"{path}: expected a line for each cutout below the header file,verdict")
    made = folder.made
    for line, file, verdict in rows:
        if file not in made:
            raise ConfigError(f"{path}, line {line}: {folder.path} never held a file {file!r}; correct the line")
        if verdict not in (ACCEPT, REJECT):
            raise ConfigError(f"{path}, line {line}: verdict {verdict!r}; write {ACCEPT} or {REJECT}")
    return {file: verdict for _, file, verdict in rows}


def take_back(folder: AssetFolder, verdicts: Verdicts) -> None:
    """Make the folder forget what is accepted but was removed, so that the next import takes it in again.

    Raises:
        OutputError: It cannot be written.
    """
    folder.forget([folder.made[file] for file, verdict in verdicts.items() if verdict == ACCEPT])


def apply_verdicts(folder: AssetFolder, verdicts: Verdicts) -> int:
    """Remove what is rejected; return how many assets that were.

    Raises:
        OutputError: The catalog cannot be written.
        OSError: A file cannot be removed.
    """
    rejected = [file for file, verdict in verdicts.items() if verdict == REJECT]
    before = len(folder.rows)
    folder.remove(rejected)
    return before - len(folder.rows)


def write_verdicts(folder: AssetFolder, verdicts: Verdicts) -> None:
    """Write the folder's table: the verdicts that there are, and "accept" for all else that it holds.

    Raises:
        OutputError: It cannot be written.
    """
    whole = {row["file"]: ACCEPT for row in folder.rows} | verdicts
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerows([("file", "verdict"), *whole.items()])
    write_atomic(folder.path / VERDICTS_FILE, text.getvalue().encode())
