"""Which splits each asset was seen in: none may be in two, and neither may two of one group (law 4)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from synthgen.core.types import SPLITS
from synthgen.shards.rowcheck import used_assets

__all__ = ["FIREWALL_COLUMNS", "Firewall"]

FIREWALL_COLUMNS = ("split", "background_id", "scene", "instances.list.element.foreground_id")
"""What `Firewall.see` needs of a row."""


@dataclass
class Firewall:
    """Collects the splits of each cutout and each scene."""

    foregrounds: dict[str, set[str]] = field(default_factory=dict)
    backgrounds: dict[str, set[str]] = field(default_factory=dict)

    def see(self, row: Mapping[str, Any]) -> None:
        """Note the assets in a row."""
        foregrounds, backgrounds = used_assets(row)
        for seen, names in ((self.foregrounds, foregrounds), (self.backgrounds, backgrounds)):
            for name in names:
                seen.setdefault(name, set()).add(row["split"])

    def problems(self, foreground_groups: Mapping[str, str], background_groups: Mapping[str, str]) -> Iterator[str]:
        """Yield a sentence for each asset, and each group, that is in two splits; groups are by the ids of assets."""
        yield from _leaks("foreground", self.foregrounds)
        yield from _leaks("foreground group", _by_group(self.foregrounds, foreground_groups))
        yield from _leaks("background", self.backgrounds)
        yield from _leaks("background group", _by_group(self.backgrounds, background_groups))


def _by_group(seen: Mapping[str, set[str]], groups: Mapping[str, str]) -> dict[str, set[str]]:
    merged: dict[str, set[str]] = {}
    for name, splits in seen.items():
        if name in groups:
            merged.setdefault(groups[name], set()).update(splits)
    return merged


def _leaks(noun: str, seen: Mapping[str, set[str]]) -> Iterator[str]:
    for name, splits in sorted(seen.items()):
        if len(splits) > 1:
            where = " and ".join(split for split in SPLITS if split in splits)
            yield f"{noun} {name!r} leaks between splits: it is in {where}"
