"""What is known of an asset before its pixels are looked at: as its source says, filled and changed by the settings."""

from __future__ import annotations

from dataclasses import dataclass

from synthgen.core.classes import name_in
from synthgen.core.errors import AssetError
from synthgen.core.grouping import group_in
from synthgen.formats.offer import Credit
from synthgen.importing.names import check_category
from synthgen.importing.settings import ImportSettings

__all__ = ["Told", "told_of"]


@dataclass(frozen=True, slots=True)
class Told:
    """What is known of an asset.

    Attributes:
        category: What it shows.
        group: What it shares with others, before near-duplicates are looked for.
        credit: Whose it is.
    """

    category: str
    group: str
    credit: Credit


def told_of(name: str, category: str, group: str, credit: Credit, settings: ImportSettings) -> Told:
    """Apply the settings to what a source says; without a group, the asset is its own.

    Raises:
        AssetError: The category is dropped, or cannot be one; the message is the reason.
    """
    found = category or settings.category
    renamed = name_in(settings.classes, found)
    if renamed is None:
        raise AssetError("its category is dropped by --classes")
    if reason := check_category(renamed):
        raise AssetError(reason)
    filled = Credit(
        credit.licence or settings.licence,
        credit.author or settings.author,
        credit.source or settings.source or settings.name,
    )
    return Told(renamed, group_in(name, settings.group_by) or group or f"{settings.name}/{name}", filled)
