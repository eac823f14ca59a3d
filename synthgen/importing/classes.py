"""Whether a file of classes fits what a source offers: a name that nothing there has is most likely mistyped."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

from synthgen.core.classes import REST, name_in
from synthgen.core.errors import ConfigError
from synthgen.formats.offer import Offer, Ready, Refused
from synthgen.importing.settings import ImportSettings

__all__ = ["offered_categories", "unknown_classes"]


def offered_categories(offers: Iterable[Offer], settings: ImportSettings) -> frozenset[str]:
    """Return the categories of what is offered, as the source or the settings name them, before classes change them."""
    found = set[str]()
    for offer in offers:
        if isinstance(offer, Refused):
            continue
        if isinstance(offer, Ready) or settings.role == "background":
            found.add(offer.category if isinstance(offer, Ready) else "")
        else:
            found |= {mark.category for mark in offer.marks}
    return frozenset(category or settings.category for category in found)


def unknown_classes(categories: frozenset[str], settings: ImportSettings) -> list[str]:
    """Return a line for each name of the file of classes that no category has, with the nearest that there is.

    Raises:
        ConfigError: The file drops all categories.
    """
    if categories and all(name_in(settings.classes, category) is None for category in categories):
        dropped = ", ".join(map(repr, sorted(categories)))
        raise ConfigError(f"--classes: all that is offered is dropped ({dropped}); keep one")
    folded = {category.casefold(): category for category in sorted(categories)}
    return [
        f"--classes: nothing is of category {name!r}; the nearest is {folded[nearest[0]]!r}"
        for name in settings.classes
        if name not in (*categories, REST) and (nearest := get_close_matches(name.casefold(), folded, n=1, cutoff=0))
    ]
