"""Groups without leaks: byte-identical files, and all that shares a group with them, come into one group (law 4)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from synthgen.assets.catalog import Asset

__all__ = ["join_copies"]


def join_copies(assets: Sequence[Asset]) -> list[Asset]:
    """Join the groups that have a file in common; of the joined groups' names the first in order stays."""
    joined = {asset.group: asset.group for asset in assets}  # a forest: each group points to one of an earlier name

    def root(group: str) -> str:
        while joined[group] != group:
            joined[group] = group = joined[joined[group]]
        return group

    holder = dict[str, str]()
    for asset in assets:
        first, other = sorted((root(asset.group), root(holder.setdefault(asset.sha256, asset.group))))
        joined[other] = first
    return [replace(asset, group=root(asset.group)) for asset in assets]
