"""Cutouts that are ready: RGBA files in folders, with or without a catalog.csv."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from synthgen.assets.entries import CATALOG_FILE, Entry, entries_of
from synthgen.formats.found_files import LOOKED_AT, has_alpha, pictures_of
from synthgen.formats.offer import Credit, Format, Offer, ReadOptions, Ready, Refused

__all__ = ["RGBA_FILES"]

SAMPLED = 12  # pictures whose headers are read


def _fits(source: Path) -> bool:
    """Some of the first pictures have alpha: of a whole folder a few may lack it, and are refused later."""
    if (source / CATALOG_FILE).is_file():
        return True
    found = list(islice(pictures_of(source), LOOKED_AT))
    step = max(1, len(found) // SAMPLED)
    return any(has_alpha(path) for path in found[::step])


def _read(source: Path, _: ReadOptions) -> Iterator[Offer]:
    """Yield the files as a folder of assets is read: category = sub-folder, group = name without its last number."""
    if source.is_file():
        yield Ready(source.stem, source)
        return
    entries, findings = entries_of(source, "foreground", "")
    listed = (source / CATALOG_FILE).exists()
    for finding in findings:
        yield Refused(finding.file, finding.reason)
    for entry in entries:
        yield _ready(entry, entry.group if listed else f"{source.name}/{entry.group}", listed)


def _ready(entry: Entry, group: str, listed: bool) -> Ready:
    columns = {
        "role": entry.role if listed else "",
        "length_m": "" if entry.length_m is None else f"{entry.length_m:g}",
        "grip": "" if entry.grip is None else ",".join(f"{share:g}" for share in entry.grip),
        "cut": entry.cut,
        "mask_source": "" if entry.mask_source == "gt" else entry.mask_source,
    }
    credit = Credit(entry.licence, entry.author, entry.source)
    return Ready(entry.id, entry.path, entry.category, group, credit, {k: v for k, v in columns.items() if v})


RGBA_FILES = Format(_fits, _read, "RGBA files")
