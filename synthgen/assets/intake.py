"""Intake: every file is opened once, and becomes an asset or a finding. Nothing is skipped in silence."""

from __future__ import annotations

import csv
import os
import re
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal, get_args

import cv2
import numpy as np

from synthgen.assets.catalog import Asset, AssetsConfig, Catalog, Finding
from synthgen.core.errors import AssetError
from synthgen.core.files import sha256_of
from synthgen.core.pictures import IMAGE_SUFFIXES, read_background, read_foreground
from synthgen.core.types import Role

__all__ = ["CATALOG_FILE", "load_catalog"]

CATALOG_FILE = "catalog.csv"
Kind = Literal["foreground", "background"]
ZONE_ROWS, ZONE_COLUMNS = 24, 32  # grid to which keep_in and keep_out masks are reduced
SERIES = re.compile(r"[_-]\d{1,6}$")  # frames of a clip, several cutouts of a photo


@dataclass(frozen=True, slots=True)
class _Entry:
    """A file that claims to be an asset."""

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
    keep_in: Path | None = None
    keep_out: Path | None = None


def load_catalog(config: AssetsConfig) -> Catalog:
    """Open every file of both folders.

    Raises:
        AssetError: A folder is missing, a catalog.csv is broken, or nothing usable was found.
    """
    foregrounds, findings = _load_folder(config.foregrounds, "foreground")
    backgrounds, more = _load_folder(config.backgrounds, "background")
    findings += more
    if not any(asset.role == "target" for asset in foregrounds):
        raise AssetError(_nothing_usable(config.foregrounds, "target cutout", findings))
    if not backgrounds:
        raise AssetError(_nothing_usable(config.backgrounds, "background", findings))
    return Catalog(tuple(foregrounds), tuple(backgrounds), tuple(findings))


def _nothing_usable(folder: Path, noun: str, findings: list[Finding]) -> str:
    refused = [
        finding
        for finding in findings
        if finding.action == "quarantined" and finding.file.startswith(f"{folder.name}/")
    ]
    reasons = "; ".join(f"{finding.file}: {finding.reason}" for finding in refused[:3])
    detail = f"{len(refused)} files were quarantined ({reasons})" if refused else "it holds no image files"
    return f"{folder}: no usable {noun}: {detail}; add images or correct {CATALOG_FILE}"


def _load_folder(folder: Path, kind: Kind) -> tuple[list[Asset], list[Finding]]:
    if not folder.is_dir():
        raise AssetError(f"{folder}: no such folder; create it, or set assets.{kind}s to the folder of your {kind}s")
    catalog = folder / CATALOG_FILE
    entries, findings = _listed(folder, kind) if catalog.is_file() else (_walked(folder, kind), [])
    _refuse_duplicates(folder, entries)
    with ThreadPoolExecutor(max_workers=os.cpu_count()) as pool:
        results = list(pool.map(lambda entry: _take_in(entry, folder, kind), entries))
    assets = [asset for asset, _ in results if asset is not None]
    findings += [finding for _, found in results for finding in found]
    return sorted(_join_copies(assets), key=lambda asset: asset.id), findings


def _images(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.suffix.lower() in IMAGE_SUFFIXES and path.is_file())


def _walked(folder: Path, kind: Kind) -> list[_Entry]:
    """Make entries of a folder without a catalog: category = sub-folder, group = name without its last number."""
    role: Role = "target" if kind == "foreground" else "background"
    default = "firearm" if kind == "foreground" else "scene"
    entries = []
    for path in _images(folder):
        name = path.relative_to(folder)
        category = name.parts[0] if len(name.parts) > 1 else default
        group = SERIES.sub("", name.with_suffix("").as_posix())
        entries.append(_Entry(name.with_suffix("").as_posix(), path, category, group, role))
    return entries


def _listed(folder: Path, kind: Kind) -> tuple[list[_Entry], list[Finding]]:
    path = folder / CATALOG_FILE
    with path.open(newline="", encoding="utf-8-sig") as stream:
        reader = csv.DictReader(stream)
        missing = {"id", "file", "category", "group"} - set(reader.fieldnames or ())
        if missing:
            raise AssetError(
                f"{path}: no column {', '.join(sorted(missing))}; the header must name id,file,category,group,role"
            )
        entries = [_entry(folder, row, f"{path}:{reader.line_num}", kind) for row in reader]
    listed = {path for entry in entries for path in (entry.path, entry.keep_in, entry.keep_out)}
    strangers = [image for image in _images(folder) if image not in listed]
    reason = f"not listed in {CATALOG_FILE}; list it or move it away"
    return entries, [Finding(_name(image, folder), "quarantined", reason) for image in strangers]


def _entry(folder: Path, row: dict[str, str], where: str, kind: Kind) -> _Entry:
    role = row.get("role") or ("target" if kind == "foreground" else "background")
    allowed = ("target", "distractor") if kind == "foreground" else ("background",)
    if role not in get_args(Role) or role not in allowed:
        raise AssetError(f"{where}: role {role!r}; expected {' or '.join(allowed)}")
    if not all(row[name] for name in ("id", "file", "category", "group")):
        raise AssetError(f"{where}: id, file, category and group must not be empty")
    length = row.get("length_m") or None
    try:
        metres = None if length is None else float(length)
    except ValueError:
        raise AssetError(f"{where}: length_m {length!r} is not a number of metres") from None
    if metres is not None and not 0 < metres < 1000:
        raise AssetError(f"{where}: length_m {length} is not within 0–1000 metres")
    text = {name: row.get(name) or "" for name in ("licence", "author", "source", "sha256")}
    keep_in, keep_out = (folder / row[name] if row.get(name) else None for name in ("keep_in", "keep_out"))
    return _Entry(
        row["id"],
        folder / row["file"],
        row["category"],
        row["group"],
        role,  # type: ignore[arg-type]
        length_m=metres,
        keep_in=keep_in,
        keep_out=keep_out,
        **text,
    )


def _refuse_duplicates(folder: Path, entries: Iterable[_Entry]) -> None:
    seen: dict[str, Path] = {}
    for entry in entries:
        if entry.id in seen:
            raise AssetError(
                f"{folder}: id {entry.id!r} names both {seen[entry.id].name} and {entry.path.name}; rename one"
            )
        seen[entry.id] = entry.path


def _take_in(entry: _Entry, folder: Path, kind: Kind) -> tuple[Asset | None, list[Finding]]:
    name = _name(entry.path, folder)
    read: Callable[[Path], tuple[np.ndarray, tuple[str, ...]]] = (
        read_foreground if kind == "foreground" else read_background
    )
    try:
        sha256 = _checked_hash(entry)
        pixels, notes = read(entry.path)
        zone = _zone(entry)
    except AssetError as error:
        return None, [Finding(name, "quarantined", str(error))]
    asset = Asset(
        id=entry.id,
        path=entry.path,
        category=entry.category,
        group=entry.group,
        role=entry.role,
        licence=entry.licence,
        author=entry.author,
        source=entry.source,
        sha256=sha256,
        height=pixels.shape[0],
        width=pixels.shape[1],
        hull=_hull(pixels[:, :, 3]) if kind == "foreground" else (),
        length_m=entry.length_m,
        zone=zone,
    )
    return asset, [Finding(name, "converted", note) for note in notes]


def _checked_hash(entry: _Entry) -> str:
    if not entry.path.is_file():
        raise AssetError(f"listed in {CATALOG_FILE} but missing; restore it or remove its line")
    sha256 = sha256_of(entry.path)
    if entry.sha256 and entry.sha256 != sha256:
        raise AssetError(
            f"sha256 {sha256[:12]}… is not the catalogued {entry.sha256[:12]}…; restore the file or update its line"
        )
    return sha256


def _hull(alpha: np.ndarray) -> tuple[tuple[float, float], ...]:
    """Return the convex hull of the half-opaque pixels' outer corners."""
    rows, columns = np.nonzero(alpha >= 128)
    corners = np.concatenate([np.column_stack([columns + dx, rows + dy]) for dx in (0, 1) for dy in (0, 1)])
    hull = cv2.convexHull(corners.astype(np.int32))[:, 0]
    return tuple((float(x), float(y)) for x, y in hull)


def _zone(entry: _Entry) -> tuple[str, ...]:
    """Reduce the masks of an entry to a grid of where objects may lie; empty where it has none."""
    if entry.keep_in is None and entry.keep_out is None:
        return ()
    allowed = np.ones((ZONE_ROWS, ZONE_COLUMNS), dtype=bool)
    for path, wanted in ((entry.keep_in, True), (entry.keep_out, False)):
        if path is not None:
            allowed &= (_mask_grid(path) >= 128) == wanted
    if not allowed.any():
        raise AssetError(
            "its keep_in and keep_out masks allow no place: leave some part white in keep_in, black in keep_out"
        )
    return tuple("".join("1" if cell else "0" for cell in row) for row in allowed)


def _mask_grid(path: Path) -> np.ndarray:
    try:
        mask = cv2.cvtColor(read_background(path)[0], cv2.COLOR_RGB2GRAY)
    except AssetError as error:
        raise AssetError(f"its mask {path.name}: {error}") from error
    grid: np.ndarray = cv2.resize(mask, (ZONE_COLUMNS, ZONE_ROWS), interpolation=cv2.INTER_AREA)
    return grid


def _join_copies(assets: list[Asset]) -> list[Asset]:
    """Put byte-identical files into one group, so that no copy crosses the split firewall."""
    first: dict[str, str] = {}
    for asset in assets:
        first[asset.sha256] = min(first.get(asset.sha256, asset.group), asset.group)
    return [replace(asset, group=first[asset.sha256]) for asset in assets]


def _name(path: Path, folder: Path) -> str:
    return f"{folder.name}/{path.relative_to(folder).as_posix()}"
