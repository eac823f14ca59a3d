"""The catalog: the table of usable assets, and what intake had to say about the files."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Literal

import numpy as np
from jaxtyping import Float64
from pydantic import Field

from synthgen.assets.splits import SplitShares, split_of
from synthgen.core.config import Model
from synthgen.core.paths import LocalFolder
from synthgen.core.types import MaskSource, Role, Split

__all__ = ["Asset", "AssetsConfig", "Catalog", "Finding"]


class AssetsConfig(Model):
    """The section `assets` of pipeline.yaml.

    Attributes:
        foregrounds: Folder of cutouts, with or without `catalog.csv`.
        more_foregrounds: Further folders of cutouts, each with or without catalog; no id may stand in two of them.
        backgrounds: Folder of scenes, with or without `catalog.csv`.
        splits: Share of the asset groups for each split; they add up to 1, and where some are given, the others get
            none: `{train: 1}`.
        category: Category of the cutouts that lie in no sub-folder, where the folder has no `catalog.csv`.
    """

    foregrounds: LocalFolder
    more_foregrounds: tuple[LocalFolder, ...] = ()
    backgrounds: LocalFolder
    splits: SplitShares = SplitShares()
    category: str = Field(default="object", min_length=1)


@dataclass(frozen=True)
class Asset:
    """One usable cutout or scene.

    Attributes:
        id: Unique within its folder.
        path: The file.
        category: What it shows.
        group: What it shares with others that must stay in one split: the object, the photo.
        role: "target", "distractor" or "background".
        licence: As catalogued; may be empty, like author and source.
        author: Who made it.
        source: Where it comes from.
        sha256: Of the file.
        height: Pixels.
        width: Pixels.
        hull: Convex hull (x, y) of alpha ≥ 0.5, pixels; empty for scenes.
        length_m: Real length of the long side in metres, if catalogued.
        grip: Where a hand holds a cutout: (x, y), shares of its width and height, 0–1; None for unknown.
        cut: Sides on which a cutout's object is cut off, sorted letters of b, l, r, t, at most one of l and r, and one
            of t and b; they must lie on the frame's edge.
        zone: Of a background: where objects may have their middle, rows of "1" and "0"; empty for anywhere.
        mask_source: Who outlined a cutout: "gt", someone who knows, or "pseudo", a model or a rule that guesses. It
            decides no pixel, so the digest does not go by it.
    """

    id: str
    path: Path
    category: str
    group: str
    role: Role
    licence: str
    author: str
    source: str
    sha256: str
    height: int
    width: int
    hull: tuple[tuple[float, float], ...] = ()
    length_m: float | None = None
    grip: tuple[float, float] | None = None
    cut: str = ""
    zone: tuple[str, ...] = ()
    mask_source: MaskSource = "gt"

    @cached_property
    def outline(self) -> Float64[np.ndarray, "n 2"]:
        """The hull about the middle of the picture."""
        return np.array(self.hull) - [self.width / 2, self.height / 2]


@dataclass(frozen=True, slots=True)
class Finding:
    """What intake did with a file that was not fit to use as it is."""

    file: str
    action: Literal["converted", "quarantined"]
    reason: str


@dataclass(frozen=True)
class Catalog:
    """All usable assets, sorted by id.

    Attributes:
        foregrounds: Cutouts, targets and distractors.
        backgrounds: Scenes.
        findings: Files converted or quarantined, with reasons.
    """

    foregrounds: tuple[Asset, ...]
    backgrounds: tuple[Asset, ...]
    findings: tuple[Finding, ...]

    def targets(self, split: Split, shares: SplitShares) -> tuple[Asset, ...]:
        """Return the cutouts that are labelled, as far as `split` may use them."""
        return self._cutouts("target", split, shares)

    def distractors(self, split: Split, shares: SplitShares) -> tuple[Asset, ...]:
        """Return the harmless cutouts, as far as `split` may use them."""
        return self._cutouts("distractor", split, shares)

    def scenes(self, split: Split, shares: SplitShares) -> tuple[Asset, ...]:
        """Return the backgrounds that `split` may use."""
        return self._dealt(self.backgrounds, split, shares)

    def held_out(self, shares: SplitShares) -> frozenset[str]:
        """Return the groups that test alone may use, as a cutout of each is of a category that is held out."""
        return frozenset(asset.group for asset in self.foregrounds if asset.category in shares.hold_out)

    @property
    def guessed(self) -> tuple[str, ...]:
        """Ids of the cutouts whose outline is a guess."""
        return tuple(asset.id for asset in self.foregrounds if asset.mask_source == "pseudo")

    @cached_property
    def digest(self) -> str:
        """SHA-256 of all that decides pixels and labels; the place of the files is no part of it."""
        rows = [
            [asset.id, asset.category, asset.group, asset.role, asset.sha256, asset.length_m, asset.zone]
            + ([] if asset.grip is None else [asset.grip])  # so that catalogs without it keep their digest
            + ([asset.cut] if asset.cut else [])  # likewise
            for asset in (*self.foregrounds, *self.backgrounds)
        ]
        return hashlib.sha256(json.dumps(rows).encode()).hexdigest()

    def _cutouts(self, role: Role, split: Split, shares: SplitShares) -> tuple[Asset, ...]:
        return self._dealt(tuple(asset for asset in self.foregrounds if asset.role == role), split, shares)

    def _dealt(self, assets: tuple[Asset, ...], split: Split, shares: SplitShares) -> tuple[Asset, ...]:
        """Return those of some assets that `split` may use."""
        held = self.held_out(shares)
        return tuple(
            asset for asset in assets if ("test" if asset.group in held else split_of(asset.group, shares)) == split
        )
