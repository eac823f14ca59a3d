"""Categories that are held out for test: whether there are such, and whether anything else is left."""

from __future__ import annotations

from synthgen.assets.catalog import Catalog
from synthgen.assets.splits import SplitShares
from synthgen.core.errors import AssetError

__all__ = ["check_hold_out"]


def check_hold_out(catalog: Catalog, shares: SplitShares) -> None:
    """Check what is held out against what there is.

    Raises:
        AssetError: No target is of a category that is to be held out, or every target would be.
    """
    targets = [asset for asset in catalog.foregrounds if asset.role == "target"]
    known = sorted({asset.category for asset in targets})
    for name in shares.hold_out:
        if name not in known:
            raise AssetError(
                f"assets.splits.hold_out: no target is of category {name!r}; the catalog has: {', '.join(known)}; "
                "correct the name, or take it out"
            )
    held = catalog.held_out(shares)
    if targets and all(asset.group in held for asset in targets):
        raise AssetError(
            f"assets.splits.hold_out: with {', '.join(shares.hold_out)} and their groups no target is left to learn "
            f"from; the catalog has: {', '.join(known)}; hold out fewer, or add cutouts of other categories"
        )
