"""`Cast`: the assets that one split may use, and how often it uses each target."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from synthgen.assets.catalog import Asset, Catalog
from synthgen.assets.splits import SplitShares
from synthgen.core.errors import AssetError
from synthgen.core.types import Split

__all__ = ["Cast"]


@dataclass(frozen=True, slots=True)
class Cast:
    """The assets that one split may use (law 4).

    Attributes:
        split: Which side of the firewall.
        targets: Cutouts that are labelled.
        weights: Probability of each target; they add up to 1.
        distractors: Harmless cutouts.
        scenes: Backgrounds.
    """

    split: Split
    targets: tuple[Asset, ...]
    weights: tuple[float, ...]
    distractors: tuple[Asset, ...]
    scenes: tuple[Asset, ...]

    @classmethod
    def of(
        cls, catalog: Catalog, split: Split, shares: SplitShares, categories: Mapping[str, float] | None = None
    ) -> Cast:
        """Pick the split's assets; `categories` weighs those of the targets: without weights, each comes equally often.

        Within a category, every cutout comes equally often.

        Raises:
            AssetError: The split has no target or no background, or no target of a category that is wanted.
        """
        targets, scenes = catalog.targets(split, shares), catalog.scenes(split, shares)
        for noun, assets in (("target cutout", targets), ("background", scenes)):
            if not assets:
                raise AssetError(
                    f"split {split!r} has no {noun}: groups are dealt to splits by hash, and none fell to it; "
                    f"add assets, raise assets.splits.{split}, or set samples.{split} to 0 (without catalog.csv, files "
                    f"numbered alike, such as gun_1 and gun_2, are one group)"
                )
        weights = _weights(catalog, split, targets, categories or {})
        return cls(split, targets, weights, catalog.distractors(split, shares), scenes)


def _weights(
    catalog: Catalog, split: Split, targets: tuple[Asset, ...], categories: Mapping[str, float]
) -> tuple[float, ...]:
    categories = categories or {asset.category: 1.0 for asset in targets}
    members = {name: [asset for asset in targets if asset.category == name] for name in categories}
    for name, weight in categories.items():
        if weight and not members[name]:
            known = sorted({asset.category for asset in catalog.foregrounds if asset.role == "target"})
            raise AssetError(
                f"recipe.categories: split {split!r} has no target of category {name!r}; "
                f"the catalog has: {', '.join(known)}; add cutouts or take the category out"
            )
    total = sum(categories.values())
    return tuple(
        categories.get(asset.category, 0.0) / total / max(len(members.get(asset.category, ())), 1) for asset in targets
    )
