"""Groups of what comes in (law 4): near-duplicates join the group that is there; groups that are there never merge.

A cutout is compared by what lies within its silhouette, levelled to a common contrast: silhouettes alone would make all
bottles one group.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import cv2
import numpy as np
from xxhash import xxh3_128_hexdigest

from synthgen.core.likeness import Fingerprint, alike, fingerprint
from synthgen.core.types import AnyRGB, AnyRGBA

__all__ = ["Groups", "print_of"]

SPREAD = 48.0  # grey levels: the deviation that all cutouts are given
REDUCED = 64  # pixels: sides to compare by
FLAT = 1.0  # a deviation below it is noise


def print_of(picture: AnyRGB | AnyRGBA) -> Fingerprint:
    """Return the fingerprint of a background, RGB, or of a cutout, straight RGBA."""
    if picture.shape[2] == 3:
        return fingerprint(picture)
    same = f"{picture.shape} {xxh3_128_hexdigest(np.ascontiguousarray(picture).data)}".encode()
    return replace(fingerprint(_inside(picture)), pixels=same)


def _inside(picture: AnyRGBA) -> AnyRGB:
    """Return what is opaque, reduced, in grey of one mean and contrast, on that mean."""
    solid = cv2.threshold(cv2.extractChannel(picture, 3), 127, 255, cv2.THRESH_BINARY)[1]
    x, y, width, height = cv2.boundingRect(solid)
    part = (slice(y, y + height), slice(x, x + width))
    grey = cv2.bitwise_and(cv2.cvtColor(picture[part], cv2.COLOR_RGBA2GRAY), solid[part])
    size = (min(width, REDUCED), min(height, REDUCED))
    light, share = (cv2.resize(each, size, interpolation=cv2.INTER_AREA) for each in (grey, solid[part]))
    shown = share >= 128
    tones = light[shown] / (share[shown] / np.float32(255))
    deviation = float(tones.std())
    levelled = np.full(light.shape, 128, np.uint8)
    if deviation > FLAT:
        levelled[shown] = np.clip(np.rint(128 + (tones - tones.mean()) * (SPREAD / deviation)), 0, 255)
    return np.repeat(levelled[:, :, None], 3, axis=2)


class Groups:
    """The groups that are there, and the assets by which newcomers are told to be of one."""

    def __init__(self) -> None:
        """Start with none."""
        self._prints: list[Fingerprint] = []
        self._groups: list[str] = []
        self._there: set[str] = set()
        self._joined: dict[str, str] = {}
        self._before: dict[int, set[str]] = {}
        self._count = 0

    def compare(self, prints: Sequence[Fingerprint]) -> None:
        """Compare a batch of newcomers with all that is there, at once; `resembled` then looks at what came since."""
        self._before = {id(print_): set() for print_ in prints}
        self._count = len(self._prints)
        for pair in alike(self._prints, prints):
            self._before[id(prints[pair.second])].add(self._groups[pair.first])

    def add(self, print_: Fingerprint, group: str) -> None:
        """Add an asset that is there."""
        self._prints.append(print_)
        self._groups.append(group)
        self._there.add(group)

    def admit(self, prints: Sequence[Fingerprint], group: str) -> list[str | None]:
        """Admit newcomers of one group, such as the objects of a photograph; return the group of each, None to refuse.

        The newcomers join the group that one of them resembles, all together, unless theirs is there already. One that
        would link two groups is refused.
        """
        seen = self.resembled(prints)
        own = self._joined.get(group, group)
        others = set.union(set(), *seen) - {own}
        if len(others) == 1 and own not in self._there:
            (own,) = others
            self._joined[group] = own
        given: list[str | None] = [own if groups <= {own} else None for groups in seen]
        for print_, name in zip(prints, given, strict=True):
            if name is not None:
                self.add(print_, name)
        return given

    def resembled(self, prints: Sequence[Fingerprint]) -> list[set[str]]:
        """Return the groups that each newcomer resembles."""
        compared = all(id(print_) in self._before for print_ in prints)
        start = self._count if compared else 0
        found = [set(self._before[id(print_)]) if compared else set[str]() for print_ in prints]
        for pair in alike(self._prints[start:], prints):
            found[pair.second].add(self._groups[start + pair.first])
        return found
