"""ATTRIBUTION.md: who made each picture that a dataset was made from, by licence.

Names come from outside. None of them can end its cell, open a tag or hide a link: what Markdown or HTML would read as
markup is escaped, and only plain http(s) addresses become links.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import groupby

from synthgen.assets.catalog import Asset
from synthgen.core.text import printable

__all__ = ["attribution_page"]

ADDRESS = re.compile(r"https?://[\w.~:/?#@!$&'()*+,;=%-]+", re.ASCII)
MARKUP = re.compile(r"([\\`*\[\]|~$#!]|(?<![^\W_])_|_(?![^\W_]))")  # an underscore within a word is text
ENTITIES = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}


def attribution_page(used: Iterable[tuple[Asset, int]]) -> str:
    """Return the page, Markdown, of assets and the number of rows in which each occurs."""
    lines = sorted(used, key=lambda pair: (pair[0].licence, pair[0].role == "background", pair[0].id))
    scenes = sum(asset.role == "background" for asset, _ in lines)
    head = (
        "# Attribution\n\n"
        f"The pictures of this dataset were made from {_many(len(lines) - scenes, 'cutout')} and "
        f"{_many(scenes, 'scene')}. Each that occurs in a row stands here as its catalog names it.\n"
    )
    return "\n".join([head, *_sections(lines)])


def _sections(lines: list[tuple[Asset, int]]) -> Iterator[str]:
    for licence, members in groupby(lines, key=lambda pair: pair[0].licence):
        assets = list(members)
        yield f"## {_cell(licence) or 'No licence given'} ({_many(len(assets), 'asset')})\n"
        yield "| id | kind | author | source | rows |"
        yield "|---|---|---|---|---:|"
        yield from (_line(asset, rows) for asset, rows in assets)
        yield ""


def _line(asset: Asset, rows: int) -> str:
    kind = "scene" if asset.role == "background" else "cutout"
    source = f"<{asset.source}>" if ADDRESS.fullmatch(asset.source) else _cell(asset.source)
    return f"| {_cell(asset.id)} | {kind} | {_cell(asset.author)} | {source} | {rows:,} |"


def _cell(text: str) -> str:
    escaped = MARKUP.sub(r"\\\1", printable(text.strip()))
    return "".join(ENTITIES.get(character, character) for character in escaped)


def _many(count: int, noun: str) -> str:
    return f"{count:,} {noun}{'' if count == 1 else 's'}"
