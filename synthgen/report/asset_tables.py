"""Tables of `assets check`: what intake had to say about the files, how many assets each split has, their licences."""

from __future__ import annotations

from collections import Counter

from rich.table import Table

from synthgen.assets.catalog import Catalog
from synthgen.assets.licences import LicenceRecipe, licence_counts
from synthgen.assets.splits import SplitShares
from synthgen.core.types import SPLITS

__all__ = ["counts_table", "findings_table", "licences_table"]


def findings_table(catalog: Catalog) -> Table:
    """Return a row for each file that was converted or quarantined."""
    table = Table("file", "action", "reason", title="intake")
    for finding in catalog.findings:
        table.add_row(finding.file, finding.action, finding.reason)
    return table


def counts_table(catalog: Catalog, shares: SplitShares) -> Table:
    """Return a row for each role and category: usable assets of each split; below, how many outlines are guesses."""
    guessed = len(catalog.guessed)
    told = f"{guessed} cutouts: their outline is a guess (mask_source: pseudo)" if guessed else None
    table = Table("role", "category", *SPLITS, title="usable assets", caption=told)
    counts = Counter(
        (asset.role, asset.category, split)
        for split in SPLITS
        for dealt in (catalog.targets, catalog.distractors, catalog.scenes)
        for asset in dealt(split, shares)
    )
    for role, category in sorted({key[:2] for key in counts}):
        table.add_row(role, category, *(str(counts[role, category, split]) for split in SPLITS))
    return table


def licences_table(catalog: Catalog, licences: LicenceRecipe) -> Table:
    """Return a row for each licence, with the assets under it and whether the recipe uses them."""
    table = Table("licence", "cutouts", "scenes", "used", title="licences")
    cutouts, scenes = licence_counts(catalog.foregrounds), licence_counts(catalog.backgrounds)
    for licence in sorted({*cutouts, *scenes}):
        said = "yes" if licences.allows(licence) else "no, denied"
        table.add_row(licence or "none given", str(cutouts.get(licence, 0)), str(scenes.get(licence, 0)), said)
    return table
