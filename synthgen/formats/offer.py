"""What a source offers to import: files that are ready, photographs with objects marked on them, and what is refused.

A format reads a folder or a file into an iterator of these; nothing is decoded before it is asked for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from jaxtyping import Bool, UInt8

from synthgen.core.types import Size

__all__ = ["Credit", "Format", "Image", "Mark", "Offer", "Photograph", "ReadOptions", "Ready", "Refused"]

Image = Callable[[], UInt8[np.ndarray, "_h _w 3"]]


@dataclass(frozen=True, slots=True)
class Credit:
    """Whose a picture is, as far as the source says.

    Attributes:
        licence: Its name or address.
        author: Who made it.
        source: Where it comes from.
    """

    licence: str = ""
    author: str = ""
    source: str = ""


@dataclass(frozen=True, slots=True)
class Ready:
    """A file that needs no cutting: a cutout with alpha, or a background.

    Attributes:
        name: Its path within the source, without suffix.
        path: The file.
        category: What it shows; empty where the source does not say.
        group: What it shares with others; empty where the source does not say.
        credit: Whose it is.
        columns: Further cells of a catalog, as the source has them: "role", "length_m", "grip", "cut", "mask_source".
    """

    name: str
    path: Path
    category: str = ""
    group: str = ""
    credit: Credit = Credit()
    columns: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Mark:
    """An object that is marked on a photograph.

    Attributes:
        name: Unique on its photograph.
        category: What it is; empty where the source does not say.
        mask: Gives its pixels on a photograph of a size; raises ValueError with the reason why there are none.
    """

    name: str
    category: str
    mask: Callable[[Size], Bool[np.ndarray, "_h _w"]]


@dataclass(frozen=True, slots=True)
class Photograph:
    """A photograph with marks; without any, it is a background.

    Attributes:
        name: Its path within the source, without suffix.
        image: Gives its pixels; raises SynthgenError with the reason why it cannot.
        marks: What is marked on it.
        group: What it shares with others; empty for itself.
        credit: Whose it is.
        role: What the source says that its objects are, "target" or "distractor"; empty where it does not say.
    """

    name: str
    image: Image
    marks: tuple[Mark, ...] = ()
    group: str = ""
    credit: Credit = Credit()
    role: str = ""


@dataclass(frozen=True, slots=True)
class Refused:
    """What a source holds that cannot be imported.

    Attributes:
        item: The file or the object in it.
        reason: Why not, and what to do.
    """

    item: str
    reason: str


Offer = Ready | Photograph | Refused


@dataclass(frozen=True, slots=True)
class ReadOptions:
    """What some formats are told.

    Attributes:
        invert: Masks are black where the object is.
        every: Seconds of a video that one background is taken from.
        clip: Of a video, the frames as they come, not the sharpest ones.
    """

    invert: bool = False
    every: float = 2.0
    clip: bool = False


@dataclass(frozen=True, slots=True)
class Format:
    """How one kind of source is told and read.

    Attributes:
        fits: Tells by looking whether a source is of this kind; reads no more than a few files.
        read: Yields what a source offers; raises SynthgenError where it cannot be read at all.
        about: What it is, in a few words.
        fallback: It fits nearly anything, so it is meant only where no other does.
    """

    fits: Callable[[Path], bool]
    read: Callable[[Path, ReadOptions], Iterator[Offer]]
    about: str
    fallback: bool = False
