"""Backgrounds that are pictures in folders, with or without a catalog.csv."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from synthgen.assets.entries import CATALOG_FILE, entries_of
from synthgen.formats.found_files import pictures_of
from synthgen.formats.offer import Credit, Format, Offer, ReadOptions, Ready, Refused

__all__ = ["PICTURES"]

SCENE = "scene"  # category of those that lie in no sub-folder


def _fits(source: Path) -> bool:
    return any(True for _ in pictures_of(source))


def _read(source: Path, _: ReadOptions) -> Iterator[Offer]:
    """Yield the files as a folder of backgrounds is read: category = sub-folder, group = name without last number."""
    if source.is_file():
        yield Ready(source.stem, source, SCENE)
        return
    listed = (source / CATALOG_FILE).exists()
    entries, findings = entries_of(source, "background", SCENE)
    for finding in findings:
        yield Refused(finding.file, finding.reason)
    for entry in entries:
        group = entry.group if listed else f"{source.name}/{entry.group}"
        yield Ready(entry.id, entry.path, entry.category, group, Credit(entry.licence, entry.author, entry.source))


PICTURES = Format(_fits, _read, "pictures")
