"""Which assets occur in the rows of a dataset, and in how many."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from synthgen.shards.reader import ShardDataset
from synthgen.shards.rowcheck import used_assets

__all__ = ["Usage", "usage_of"]

COLUMNS = ("background_id", "scene", "instances.list.element.foreground_id")


@dataclass(frozen=True, slots=True)
class Usage:
    """Rows in which each asset occurs, by its id.

    Attributes:
        foregrounds: Of cutouts, be they targets, distractors, occluders or parts of these.
        backgrounds: Of scenes, be they whole or pieces in a decoy.
    """

    foregrounds: Counter[str] = field(default_factory=Counter)
    backgrounds: Counter[str] = field(default_factory=Counter)


def usage_of(dataset: ShardDataset) -> Usage:
    """Read the scenes of all rows, and count what they draw on, however little of it is seen.

    Raises:
        DatasetError: A shard is missing or damaged.
    """
    usage = Usage()
    for split in dataset.splits:
        for row in dataset.rows(split, COLUMNS):
            foregrounds, backgrounds = used_assets(row)
            usage.foregrounds.update(foregrounds)
            usage.backgrounds.update(backgrounds)
    return usage
