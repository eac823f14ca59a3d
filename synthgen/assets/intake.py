"""Intake: every file is opened once, and becomes an asset or a finding. Nothing is skipped in silence."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import cv2
import numpy as np

from synthgen.assets.catalog import Asset, AssetsConfig, Catalog, Finding
from synthgen.assets.copies import join_copies
from synthgen.assets.entries import CATALOG_FILE, Entry, Kind, entries_of, name_of
from synthgen.core.errors import AssetError
from synthgen.core.files import sha256_of
from synthgen.core.pictures import read_background, read_foreground

__all__ = ["load_catalog"]

SCENE = "scene"  # category of backgrounds that lie in no sub-folder
ZONE_ROWS, ZONE_COLUMNS = 24, 32  # grid to which keep_in and keep_out masks are reduced
MAX_FILE_BYTES = 2**30  # the largest picture allowed, 64 megapixels of 16-bit RGBA, is half of that


def load_catalog(config: AssetsConfig) -> Catalog:
    """Open every file of all folders.

    Raises:
        AssetError: A folder is missing, a catalog.csv is broken, or nothing usable was found.
    """
    cutouts = (config.foregrounds, *config.more_foregrounds)
    foregrounds, findings = _load_folders(cutouts, "foreground", config.category)
    backgrounds, more = _load_folders((config.backgrounds,), "background", SCENE)
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


def _load_folders(folders: Sequence[Path], kind: Kind, category: str) -> tuple[list[Asset], list[Finding]]:
    assets, findings, places = list[Asset](), list[Finding](), dict[str, Path]()
    for folder in folders:
        found, more = _load_folder(folder, kind, category)
        for asset in found:
            if (other := places.setdefault(asset.id, folder)) != folder:
                raise AssetError(f"{folder}: id {asset.id!r} stands in {other}, too; give one of them another id")
        assets += found
        findings += more
    return sorted(join_copies(assets), key=lambda asset: asset.id), findings


def _load_folder(folder: Path, kind: Kind, category: str) -> tuple[list[Asset], list[Finding]]:
    if not folder.is_dir():
        raise AssetError(f"{folder}: no such folder; create it, or set assets.{kind}s to the folder of your {kind}s")
    entries, findings = entries_of(folder, kind, category)
    with ThreadPoolExecutor(max_workers=os.cpu_count()) as pool:
        results = list(pool.map(lambda entry: _take_in(entry, folder, kind), entries))
    assets = [asset for asset, _ in results if asset is not None]
    return assets, findings + [finding for _, found in results for finding in found]


def _take_in(entry: Entry, folder: Path, kind: Kind) -> tuple[Asset | None, list[Finding]]:
    name = name_of(entry.path, folder)
    read: Callable[[Path], tuple[np.ndarray, tuple[str, ...]]] = (
        read_foreground if kind == "foreground" else read_background
    )
    try:
        sha256 = _checked_hash(entry)
        pixels, notes = read(entry.path)
        zone = _zone(entry)
    except AssetError as error:
        return None, [Finding(name, "quarantined", str(error))]
    except OSError as error:
        reason = f"cannot be read: {error.strerror or error}; check its name and permissions"
        return None, [Finding(name, "quarantined", reason)]
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
        grip=entry.grip,
        cut=entry.cut,
        zone=zone,
        mask_source=entry.mask_source,
    )
    return asset, [Finding(name, "converted", note) for note in notes]


def _checked_hash(entry: Entry) -> str:
    _check_ordinary(entry.path)
    sha256 = sha256_of(entry.path)
    if entry.sha256 and entry.sha256 != sha256:
        raise AssetError(
            f"sha256 {sha256[:12]}… is not the catalogued {entry.sha256[:12]}…; restore the file or update its line"
        )
    return sha256


def _check_ordinary(path: Path) -> None:
    """Refuse what must not be opened: a pipe would be waited for, a device may never end."""
    try:
        status = path.stat()
    except FileNotFoundError:
        if path.is_symlink():
            raise AssetError("a link to nothing; replace it by a picture") from None
        raise AssetError(f"listed in {CATALOG_FILE} but missing; restore it or remove its line") from None
    if not stat.S_ISREG(status.st_mode):
        raise AssetError("not an ordinary file; replace it by a picture")
    if status.st_size > MAX_FILE_BYTES:
        raise AssetError(f"larger than {MAX_FILE_BYTES // 2**20:,} MiB; reduce it first")


def _hull(alpha: np.ndarray) -> tuple[tuple[float, float], ...]:
    """Return the convex hull of the half-opaque pixels' outer corners, which are those of each row's two ends."""
    opaque = alpha >= 128
    rows = np.flatnonzero(opaque.any(axis=1))
    left = opaque.argmax(axis=1)[rows]
    right = alpha.shape[1] - opaque[:, ::-1].argmax(axis=1)[rows]
    corners = np.concatenate([np.column_stack([x, rows + dy]) for x in (left, right) for dy in (0, 1)])
    hull = cv2.convexHull(corners.astype(np.int32))[:, 0]
    return tuple((float(x), float(y)) for x, y in hull)


def _zone(entry: Entry) -> tuple[str, ...]:
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
        _check_ordinary(path)
        mask = cv2.cvtColor(read_background(path)[0], cv2.COLOR_RGB2GRAY)
    except AssetError as error:
        raise AssetError(f"its mask {path.name}: {error}") from error
    grid: np.ndarray = cv2.resize(mask, (ZONE_COLUMNS, ZONE_ROWS), interpolation=cv2.INTER_AREA)
    return grid
