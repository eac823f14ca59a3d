"""What a folder claims to hold: the lines of its catalog.csv, or its picture files where it has none.

No picture is opened here. What a catalog says is checked, as it may come from anywhere: its paths stay in the folder.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, get_args

from synthgen.assets.catalog import Finding
from synthgen.core.errors import AssetError
from synthgen.core.files import read_bounded
from synthgen.core.pictures import IMAGE_SUFFIXES
from synthgen.core.text import printable
from synthgen.core.types import MaskSource, Role

__all__ = ["CATALOG_FILE", "Entry", "Kind", "entries_of", "name_of"]

CATALOG_FILE = "catalog.csv"
MAX_CATALOG_BYTES = 2**28  # a million lines
Kind = Literal["foreground", "background"]
REQUIRED = ("id", "file", "category", "group")
SERIES = re.compile(r"[_-]\d{1,6}$")  # frames of a clip, several cutouts of a photo


@dataclass(frozen=True, slots=True)
class Entry:
    """A file that claims to be an asset; the fields are those of `Asset`.

    Attributes:
        sha256: What the file should have; empty for whatever it has.
        grip: Where a hand holds the cutout: (x, y), shares of its width and height.
        cut: Sides on which the object is cut off: letters of l, t, r, b.
        mask_source: Who outlined the cutout.
        keep_in: Mask of a background: objects have their middle where it is white.
        keep_out: Likewise, where it is black.
    """

    id: str
    path: Path
    category: str
    group: str
    role: Role
    licence: str = ""
    author: str = ""
    source: str = ""
    sha256: str = ""
    length_m: float | None = None
    grip: tuple[float, float] | None = None
    cut: str = ""
    mask_source: MaskSource = "gt"
    keep_in: Path | None = None
    keep_out: Path | None = None


def entries_of(folder: Path, kind: Kind, category: str) -> tuple[list[Entry], list[Finding]]:
    """List what `folder` claims to hold, and the files that do not count.

    Args:
        folder: Of cutouts or of scenes.
        kind: Which of the two.
        category: Of the pictures that lie in the folder itself, where it has no catalog.

    Raises:
        AssetError: The catalog cannot be read, or says something that cannot be; the message names the line.
    """
    catalog = folder / CATALOG_FILE
    found = _listed(folder, kind) if catalog.exists() or catalog.is_symlink() else _walked(folder, kind, category)
    _refuse_duplicates(folder, found[0])
    return found


def name_of(path: Path, folder: Path) -> str:
    """Name a file of `folder` in messages, which are lines of text whatever the name holds."""
    return printable(f"{folder.name}/{path.relative_to(folder).as_posix()}")


def _pictures(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.suffix.lower() in IMAGE_SUFFIXES and not path.is_dir())


def _walked(folder: Path, kind: Kind, category: str) -> tuple[list[Entry], list[Finding]]:
    """Make entries of a folder without a catalog: category = sub-folder, group = name without its last number."""
    role: Role = "target" if kind == "foreground" else "background"
    entries, findings = list[Entry](), list[Finding]()
    for path in _pictures(folder):
        name = path.relative_to(folder)
        try:
            str(name).encode()
        except UnicodeEncodeError:
            findings.append(Finding(name_of(path, folder), "quarantined", "its name is not UTF-8; rename it"))
            continue
        asset_id = name.with_suffix("").as_posix()
        shown = name.parts[0] if len(name.parts) > 1 else category
        entries.append(Entry(asset_id, path, shown, SERIES.sub("", asset_id), role))
    return entries, findings


def _listed(folder: Path, kind: Kind) -> tuple[list[Entry], list[Finding]]:
    path = folder / CATALOG_FILE
    reader = csv.DictReader(io.StringIO(_text(path), newline=""))
    try:
        missing = [name for name in REQUIRED if name not in (reader.fieldnames or ())]
        if missing:
            raise AssetError(
                f"{path}: no column {', '.join(sorted(missing))}; the header must name id,file,category,group,role"
            )
        entries = [_entry(folder, row, f"{path}:{reader.line_num}", kind) for row in reader]
    except csv.Error as error:
        raise AssetError(f"{path}:{reader.line_num + 1}: not valid CSV: {error}; correct the line") from error
    listed = {path for entry in entries for path in (entry.path, entry.keep_in, entry.keep_out)}
    strangers = [picture for picture in _pictures(folder) if picture not in listed]
    reason = f"not listed in {CATALOG_FILE}; list it or move it away"
    return entries, [Finding(name_of(picture, folder), "quarantined", reason) for picture in strangers]


def _text(path: Path) -> str:
    try:
        text = read_bounded(path, MAX_CATALOG_BYTES).decode("utf-8-sig")
    except OSError as error:
        raise AssetError(f"{path}: cannot be read: {error.strerror or error}; write a catalog or remove it") from error
    except UnicodeDecodeError as error:
        raise AssetError(f"{path}: not UTF-8 text; save it as CSV in UTF-8") from error
    if "\0" in text:
        raise AssetError(f"{path}: holds NUL characters, so it is no text; save it as CSV in UTF-8")
    return text


def _entry(folder: Path, row: dict[str, str], where: str, kind: Kind) -> Entry:
    role = row.get("role") or ("target" if kind == "foreground" else "background")
    allowed = ("target", "distractor") if kind == "foreground" else ("background",)
    if role not in get_args(Role) or role not in allowed:
        raise AssetError(f"{where}: role {role!r}; expected {' or '.join(allowed)}")
    if not all(row[name] for name in REQUIRED):
        raise AssetError(f"{where}: id, file, category and group must not be empty")
    text = {name: row.get(name) or "" for name in ("licence", "author", "source", "sha256")}
    keep_in, keep_out = (
        _within(folder, row[name], where) if row.get(name) else None for name in ("keep_in", "keep_out")
    )
    return Entry(
        row["id"],
        _within(folder, row["file"], where),
        row["category"],
        row["group"],
        role,  # type: ignore[arg-type]
        length_m=_metres(row.get("length_m"), where),
        grip=_grip(row.get("grip"), where),
        cut=_cut(row.get("cut"), where),
        mask_source=_mask_source(row.get("mask_source"), where),
        keep_in=keep_in,
        keep_out=keep_out,
        **text,
    )


def _within(folder: Path, name: str, where: str) -> Path:
    path = Path(name)
    if path.is_absolute() or ".." in path.parts:
        raise AssetError(f"{where}: {name[:200]!r} leads out of the folder; give a path within it, without ..")
    return folder / path


def _metres(length: str | None, where: str) -> float | None:
    if not length:
        return None
    try:
        metres = float(length)
    except ValueError:
        raise AssetError(f"{where}: length_m {length[:200]!r} is not a number of metres") from None
    if not 0 < metres < 1000:
        raise AssetError(f"{where}: length_m {length[:200]} is not within 0–1000 metres")
    return metres


def _grip(text: str | None, where: str) -> tuple[float, float] | None:
    if not text:
        return None
    try:
        x, y = (float(part) for part in text.split(","))
    except ValueError:
        raise AssetError(
            f'{where}: grip {text[:200]!r} is not "x,y", shares of the cutout\'s width and height, such as "0.3,0.7"'
        ) from None
    if not (0 <= x <= 1 and 0 <= y <= 1):
        raise AssetError(
            f"{where}: grip {text[:200]} lies outside its cutout; "
            f"x and y are shares of its width and height from the upper left corner, 0–1"
        )
    return (x, y)


def _cut(text: str | None, where: str) -> str:
    sides = sorted(text or "")
    if not set(sides) <= set("ltrb") or len(set(sides)) < len(sides):
        raise AssetError(f"{where}: cut {(text or '')[:200]!r}; give the sides that are cut off, letters of l, t, r, b")
    if {"l", "r"} <= set(sides) or {"t", "b"} <= set(sides):
        raise AssetError(f"{where}: cut {text!r} names opposite sides; no frame edge can hide both: leave it out")
    return "".join(sides)


def _mask_source(text: str | None, where: str) -> MaskSource:
    if text and text not in get_args(MaskSource):
        raise AssetError(f"{where}: mask_source {text[:200]!r}; expected {' or '.join(get_args(MaskSource))}")
    return "pseudo" if text == "pseudo" else "gt"


def _refuse_duplicates(folder: Path, entries: Iterable[Entry]) -> None:
    seen: dict[str, Path] = {}
    for entry in entries:
        if entry.id in seen:
            raise AssetError(
                f"{folder}: id {entry.id!r} names both {seen[entry.id].name} and {entry.path.name}; rename one"
            )
        seen[entry.id] = entry.path
