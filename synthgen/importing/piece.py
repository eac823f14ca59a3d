"""`Piece`: an asset that is about to be written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from synthgen.core.likeness import Fingerprint
from synthgen.core.types import AnyRGB
from synthgen.importing.told import Told

__all__ = ["Edges", "Piece", "Seen"]


@dataclass(frozen=True, slots=True, eq=False)
class Edges:
    """Where an edge was mended most: the photograph, the object as its mask cuts it, and as it is written."""

    photograph: AnyRGB
    before: np.ndarray
    after: np.ndarray


@dataclass(frozen=True, slots=True, eq=False)
class Piece:
    """An asset that is about to be written.

    Attributes:
        name: What its id is made of.
        key: Digest of what it was made from: the same source gives the same.
        told: What it shows, what it shares with others, whose it is.
        print_: To tell near-duplicates by.
        data: The file: copied, or encoded anew; empty where nothing is to be written.
        suffix: Of the file, with dot.
        columns: Further cells of its line in the catalog.
        fresh: It is wanted only if nothing that is there resembles it.
        note: What had to be converted; empty where the file is copied as it is.
        quality: Of its edges, 0–1; None where none were made.
        edges: To look at; None where none were made.
    """

    name: str
    key: str
    told: Told
    print_: Fingerprint
    data: bytes
    suffix: str
    columns: Mapping[str, str] = field(default_factory=dict)
    fresh: bool = False
    note: str = ""
    quality: float | None = None
    edges: Edges | None = None


@dataclass(frozen=True, slots=True)
class Seen:
    """What an earlier import took in already."""

    key: str
