"""The split firewall: groups are dealt to splits by a stable hash (law 4)."""

from __future__ import annotations

import hashlib
from typing import Any

from pydantic import Field, model_validator

from synthgen.core.config import Model
from synthgen.core.types import SPLITS, Split

__all__ = ["SplitShares", "split_of"]


class SplitShares(Model):
    """Share of the asset groups that each split may use; they add up to 1. Where some are given, the others are 0.

    Attributes:
        train: Share of the asset groups that samples to learn from may use.
        val: Share for samples to choose by.
        test: Share for samples to report on.
    """

    train: float = Field(default=0.7, ge=0, le=1)
    val: float = Field(default=0.15, ge=0, le=1)
    test: float = Field(default=0.15, ge=0, le=1)

    @model_validator(mode="before")
    @classmethod
    def _all_named(cls, values: Any) -> Any:
        return dict.fromkeys(SPLITS, 0.0) | values if isinstance(values, dict) and values else values

    @model_validator(mode="after")
    def _whole(self) -> SplitShares:
        total = self.train + self.val + self.test
        if abs(total - 1) > 1e-6:
            raise ValueError(f"train + val + test is {total:g}, not 1")
        return self


def split_of(group: str, shares: SplitShares) -> Split:
    """Return the split of a group. It depends on its name and the shares alone, so adding one moves no other."""
    point = int.from_bytes(hashlib.sha256(group.encode()).digest()[:8], "big") / 2**64
    for split in SPLITS:
        point -= getattr(shares, split)
        if point < 0:
            return split
    return next(split for split in reversed(SPLITS) if getattr(shares, split) > 0)
