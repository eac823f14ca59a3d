"""A folder for the Hugging Face hub: data/SPLIT-00000.parquet, and README.md, the dataset card.

The shards are the dataset's own, byte for byte, as `datasets` reads them. Where rows or classes are chosen, they are
written anew.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import yaml

from synthgen.core.types import Split
from synthgen.formats.export.format import About, Part
from synthgen.formats.export.rows import ShardRows
from synthgen.shards.writer import write_rows

__all__ = ["HuggingFace"]

LICENCES = (  # that the hub has a name for: these, in small letters
    "Apache-2.0",
    "CC-BY-4.0",
    "CC-BY-NC-4.0",
    "CC-BY-NC-SA-4.0",
    "CC-BY-SA-4.0",
    "CC0-1.0",
    "MIT",
)
MARKUP = re.compile(r"([\\`*\[\]|~$#!<>&])")
SIZES = ((1e3, "n<1K"), (1e4, "1K<n<10K"), (1e5, "10K<n<100K"), (1e6, "100K<n<1M"), (1e7, "1M<n<10M"))
TASKS = ["image-segmentation", "object-detection"]


@dataclass(frozen=True, slots=True)
class HuggingFace:
    """Parquet with a dataset card."""

    def write(self, shard: ShardRows, folder: Path) -> Part:
        """Copy the shard, or write the wanted rows."""
        file = folder / "data" / f"{shard.name}.parquet"
        file.parent.mkdir(exist_ok=True)
        if shard.unchanged:
            shutil.copyfile(shard.path, file)
        else:
            write_rows(file, shard.cells())
        return Part(shard.split)

    def join(self, parts: Mapping[Split, Iterable[Part]], folder: Path, about: About) -> None:
        """Write the card."""
        (folder / "README.md").write_text(_card(about), encoding="utf-8")


def _card(about: About) -> str:
    files = [{"split": split, "path": f"data/{split}-*.parquet"} for split in about.rows]
    head = {
        "pretty_name": about.title,
        "license": _licence(about.licences),
        "task_categories": TASKS,
        "tags": ["synthetic"],
        "size_categories": [_size(sum(about.rows.values()))],
        "configs": [{"config_name": "default", "data_files": files}],
    }
    return f"---\n{yaml.safe_dump(head, sort_keys=False, allow_unicode=True)}---\n\n{_text(about)}"


def _licence(licences: Mapping[str, int]) -> str:
    """Return the hub's name of the only licence, or other."""
    only = next(iter(licences)) if len(licences) == 1 else ""
    return only.lower() if only in LICENCES else "other"


def _size(rows: int) -> str:
    return next((name for limit, name in SIZES if rows < limit), "n>10M")


def _text(about: About) -> str:
    rows = "".join(f"| {split} | {count:,} |\n" for split, count in about.rows.items())
    classes = "".join(
        f"| {number} | {_cell(name)} | {about.instances.get(name, 0):,} |\n"
        for number, name in enumerate(about.classes.names, 1)
    )
    licences = "".join(f"| {_cell(name) or 'not stated'} | {count:,} |\n" for name, count in about.licences.items())
    return (
        f"# {about.title}\n\n"
        "Synthetic pictures, made by synthgen out of cutouts and scenes. Every pixel's owner is known: `mask` holds "
        "the number of the instance, 0 = none, and `instances` says what each is, how much of it is visible, and what "
        "it would be without frame and occluders.\n\n"
        "```python\n"
        "from datasets import load_dataset\n\n"
        'rows = load_dataset("parquet", data_files={"train": "data/train-*.parquet"})["train"]\n'
        'rows[0]["image"], rows[0]["mask"], rows[0]["instances"]\n'
        "```\n\n"
        f"| split | rows |\n|---|---|\n{rows}\n"
        f"| class | name | instances |\n|---|---|---|\n{classes}\n"
        f"| licence | files it was made of |\n|---|---|\n{licences}\n"
        "ATTRIBUTION.md, where it lies here, names who made them. No cutout and no scene is in two splits.\n"
    )


def _cell(text: str) -> str:
    """Keep a name from outside within its cell, and Markdown and HTML from reading it as markup."""
    return MARKUP.sub(r"\\\1", " ".join(text.split()))
