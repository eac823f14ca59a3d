"""Which licences a recipe takes no picture under."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from fnmatch import fnmatchcase

from pydantic import field_validator

from synthgen.assets.catalog import Asset
from synthgen.core.config import Model

__all__ = ["ANY_LICENCE", "LicenceRecipe", "licence_counts"]

JOINTS = re.compile(r"[\s_-]+")  # "CC BY-NC 4.0", "CC_BY_NC_4.0" and "cc-by-nc-4.0" are one licence


class LicenceRecipe(Model):
    """Licences whose assets are not used.

    Attributes:
        deny: Patterns in the manner of a shell, such as "CC-BY-NC*", whatever the case of letters; blanks,
            underscores and hyphens are alike. "" denies assets whose licence nobody wrote down.
    """

    deny: tuple[str, ...] = ()

    @field_validator("deny")
    @classmethod
    def _printable(cls, deny: tuple[str, ...]) -> tuple[str, ...]:
        for pattern in deny:
            if not pattern.isprintable():
                raise ValueError(f"{pattern!r} holds characters that no licence has; write patterns such as CC-BY-NC*")
        return deny

    def allows(self, licence: str) -> bool:
        """Return whether assets under `licence`, as it is catalogued, may be used."""
        name = _plain(licence)
        return not any(fnmatchcase(name, _plain(pattern)) for pattern in self.deny)


ANY_LICENCE = LicenceRecipe()


def licence_counts(assets: Iterable[Asset]) -> dict[str, int]:
    """Return the number of assets under each licence, sorted by its name; "" is that of assets without one."""
    return dict(sorted(Counter(asset.licence for asset in assets).items()))


def _plain(text: str) -> str:
    return JOINTS.sub("-", text.strip().casefold())
