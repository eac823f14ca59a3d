"""The split firewall: groups are dealt to splits by a stable hash (law 4)."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Any

from pydantic import Field, field_validator, model_serializer, model_validator

from synthgen.core.config import Model
from synthgen.core.types import SPLITS, Split

__all__ = ["SplitShares", "split_of"]


class SplitShares(Model):
    """Share of the asset groups that each split may use; they add up to 1. Where some are given, the others are 0.

    Attributes:
        train: Share of the asset groups that samples to learn from may use.
        val: Share for samples to choose by.
        test: Share for samples to report on.
        hold_out: Categories of targets that occur in test alone, so that it tells what a model makes of what it never
            saw. With a cutout of such a category its whole group goes to test.
    """

    train: float = Field(default=0.7, ge=0, le=1)
    val: float = Field(default=0.15, ge=0, le=1)
    test: float = Field(default=0.15, ge=0, le=1)
    hold_out: tuple[str, ...] = ()

    @model_validator(mode="before")
    @classmethod
    def _all_named(cls, values: Any) -> Any:
        named = isinstance(values, dict) and not values.keys().isdisjoint(SPLITS)
        return dict.fromkeys(SPLITS, 0.0) | values if named else values

    @field_validator("hold_out")
    @classmethod
    def _in_one_order(cls, names: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(sorted(set(names)))

    @model_validator(mode="after")
    def _whole(self) -> SplitShares:
        total = self.train + self.val + self.test
        if abs(total - 1) > 1e-6:
            raise ValueError(f"train + val + test is {total:g}, not 1")
        return self

    @model_serializer(mode="wrap")
    def _as_before(self, handler: Callable[[SplitShares], dict[str, Any]]) -> dict[str, Any]:
        """Leave `hold_out` out where it is empty: datasets and loops of before it came are known by this text."""
        values = handler(self)
        return values if self.hold_out else {name: value for name, value in values.items() if name != "hold_out"}


def split_of(group: str, shares: SplitShares) -> Split:
    """Return the split of a group of which nothing is held out.

    It depends on its name and the shares alone, so adding one moves no other.
    """
    point = int.from_bytes(hashlib.sha256(group.encode()).digest()[:8], "big") / 2**64
    for split in SPLITS:
        point -= getattr(shares, split)
        if point < 0:
            return split
    return next(split for split in reversed(SPLITS) if getattr(shares, split) > 0)
