"""Which rows are exported: those of some splits, or those that a file names."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from synthgen.core.errors import ConfigError
from synthgen.core.files import read_bounded
from synthgen.core.types import Split
from synthgen.shards.manifest import ShardEntry
from synthgen.shards.reader import ShardDataset

__all__ = ["Selection", "read_names"]

MAX_BYTES = 512 * 2**20  # some 30 million names
SHOWN = 3  # names in a message
NAME = re.compile(r"(train|val|test)-(\d{6,})")


@dataclass(frozen=True, slots=True)
class Selection:
    """Rows of a dataset.

    Attributes:
        splits: Whose rows, in the order train, val, test.
        indices: Of each split, where only some rows are wanted; None for all.
    """

    splits: tuple[Split, ...]
    indices: Mapping[Split, frozenset[int]] | None = None

    @classmethod
    def of(cls, dataset: ShardDataset, splits: Sequence[Split] = (), names: Sequence[str] | None = None) -> Selection:
        """Return the rows of `splits` (default: all), or of these the ones called `names`.

        Raises:
            ConfigError: A split has no rows, a name is of no row, or nothing is left.
        """
        for split in splits:
            if split not in dataset.splits:
                raise ConfigError(f"--split {split}: {dataset.place} has {', '.join(dataset.splits)}")
        chosen = tuple(split for split in dataset.splits if not splits or split in splits)
        if names is None:
            return cls(chosen)
        indices = _indices(dataset, names)
        kept = {split: indices[split] for split in chosen if indices.get(split)}
        if not kept:
            raise ConfigError("--rows: names no row of these splits; one sample_id a line, e.g. train-000042")
        return cls(tuple(kept), kept)

    def of_shard(self, entry: ShardEntry) -> frozenset[int] | None:
        """Return the wanted indices in a shard; None for all of its rows."""
        if self.indices is None:
            return None
        wanted = self.indices.get(entry.split, frozenset())
        return wanted & frozenset(range(entry.first, entry.first + entry.rows))

    def count(self, entry: ShardEntry) -> int:
        """Return how many rows of a shard are wanted."""
        wanted = self.of_shard(entry)
        return 0 if entry.split not in self.splits else entry.rows if wanted is None else len(wanted)


def read_names(path: Path) -> list[str]:
    """Read the file of `--rows`: one `sample_id` a line; empty lines are passed over.

    Raises:
        ConfigError: It cannot be read.
    """
    try:
        lines = read_bounded(path, MAX_BYTES).decode("utf-8-sig").splitlines()
    except UnicodeDecodeError as error:
        raise ConfigError(f"{path}: not UTF-8 text; write one sample_id a line, e.g. train-000042") from error
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read: {error.strerror or error}; correct --rows") from error
    return [line.strip() for line in lines if line.strip()]


def _indices(dataset: ShardDataset, names: Sequence[str]) -> dict[Split, frozenset[int]]:
    found: dict[Split, set[int]] = {}
    unknown = []
    for name in names:
        match = NAME.fullmatch(name)
        split, index = (cast(Split, match[1]), int(match[2])) if match else (None, 0)
        if split is None or index >= dataset.count(split) or name != f"{split}-{index:06d}":
            unknown.append(name[:80])
        else:
            found.setdefault(split, set()).add(index)
    if unknown:
        more = f" and {len(unknown) - SHOWN:,} more" if len(unknown) > SHOWN else ""
        raise ConfigError(
            f"--rows: no row is called {', '.join(map(repr, unknown[:SHOWN]))}{more}; "
            f"{dataset.place} has sample_ids such as {dataset.splits[0]}-000000"
        )
    return {split: frozenset(indices) for split, indices in found.items()}
