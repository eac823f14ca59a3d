"""`Cast`: the assets that one split may use, and how often it uses each target."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from synthgen.assets.catalog import Asset, Catalog
from synthgen.assets.licences import ANY_LICENCE, LicenceRecipe, licence_counts
from synthgen.assets.splits import SplitShares
from synthgen.core.errors import AssetError
from synthgen.core.types import Split

__all__ = ["Cast"]

NAMED = 4  # licences in one message


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
        cls,
        catalog: Catalog,
        split: Split,
        shares: SplitShares,
        categories: Mapping[str, float] | None = None,
        licences: LicenceRecipe = ANY_LICENCE,
    ) -> Cast:
        """Pick the split's assets; `categories` weighs those of the targets: without weights, each comes equally often.

        Within a category, every cutout comes equally often. Assets under a licence that `licences` denies are left out.
        Weights of categories that are held out count in test alone.

        Raises:
            AssetError: The split has no target or no background, or no target of a category that is wanted; or the
                licences leave none.
        """

        def allowed(assets: tuple[Asset, ...]) -> tuple[Asset, ...]:
            return tuple(asset for asset in assets if licences.allows(asset.licence))

        dealt = {"target cutout": catalog.targets(split, shares), "background": catalog.scenes(split, shares)}
        for noun, assets in dealt.items():
            if not assets:
                held = f" beside {', '.join(shares.hold_out)}, held out for test" if shares.hold_out else ""
                raise AssetError(
                    f"split {split!r} has no {noun}{held}: groups are dealt to splits by hash, and none fell to it; "
                    f"add assets, raise assets.splits.{split}, or set samples.{split} to 0 (without catalog.csv, files "
                    f"numbered alike, such as gun_1 and gun_2, are one group)"
                )
            if not allowed(assets):
                raise AssetError(
                    f"recipe.licences.deny leaves split {split!r} no {noun}: it denies all {len(assets)}, which are "
                    f"under {_named(assets)}; deny less, or add assets under other licences"
                )
        targets, scenes = map(allowed, dealt.values())
        weights = _weights(catalog, split, targets, _shown(split, shares, categories or {}), licences)
        return cls(split, targets, weights, allowed(catalog.distractors(split, shares)), scenes)


def _shown(split: Split, shares: SplitShares, categories: Mapping[str, float]) -> Mapping[str, float]:
    """Return the weights of those categories that a split may show."""
    if split == "test":
        return categories
    shown = {name: weight for name, weight in categories.items() if name not in shares.hold_out}
    if categories and not any(shown.values()):
        raise AssetError(
            f"recipe.categories: all of {', '.join(categories)} are in assets.splits.hold_out, which leaves split "
            f"{split!r} no target; add categories, or hold out fewer"
        )
    return shown


def _named(assets: tuple[Asset, ...]) -> str:
    names = [name or "no licence" for name in licence_counts(assets)]
    return ", ".join(names[:NAMED]) + (f" and {len(names) - NAMED} more" if len(names) > NAMED else "")


def _weights(
    catalog: Catalog,
    split: Split,
    targets: tuple[Asset, ...],
    categories: Mapping[str, float],
    licences: LicenceRecipe,
) -> tuple[float, ...]:
    categories = categories or {asset.category: 1.0 for asset in targets}
    members = {name: [asset for asset in targets if asset.category == name] for name in categories}
    for name, weight in categories.items():
        if weight and not members[name]:
            known = sorted({asset.category for asset in catalog.foregrounds if asset.role == "target"})
            left = " under a licence that recipe.licences allows" if licences.deny else ""
            raise AssetError(
                f"recipe.categories: split {split!r} has no target of category {name!r}{left}; "
                f"the catalog has: {', '.join(known)}; add cutouts or take the category out"
            )
    total = sum(categories.values())
    return tuple(
        categories.get(asset.category, 0.0) / total / max(len(members.get(asset.category, ())), 1) for asset in targets
    )
