"""One marked object cut out of its photograph, or refused."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from synthgen.core.errors import AssetError
from synthgen.core.pictures import encode_png
from synthgen.core.types import AnyCoverage, AnyRGB
from synthgen.formats.offer import Mark, Photograph
from synthgen.importing.edges import Cleaned, clean_edges, hard_edges
from synthgen.importing.groups import print_of
from synthgen.importing.look import mended
from synthgen.importing.piece import Piece
from synthgen.importing.settings import ImportSettings
from synthgen.importing.sides import Cut, cut_of, grown_to_border
from synthgen.importing.told import told_of

__all__ = ["Subject", "cut_out"]


@dataclass(frozen=True, slots=True, eq=False)
class Subject:
    """An object on its photograph.

    Attributes:
        photograph: Where it is marked.
        mark: The mark.
        key: Digest of photograph and mask.
        image: The photograph's pixels.
        mask: The object's.
        others: Those of the other objects on the photograph.
    """

    photograph: Photograph
    mark: Mark
    key: str
    image: AnyRGB
    mask: AnyCoverage
    others: Sequence[AnyCoverage]


def cut_out(subject: Subject, settings: ImportSettings, *, dry: bool) -> Piece:
    """Cut an object out with clean edges; in a `dry` run along its mask as it is, and nothing is encoded.

    Raises:
        AssetError: It is too small, cut off, of a category that is dropped, or has no silhouette.
    """
    photograph, mark = subject.photograph, subject.mark
    told = told_of(photograph.name, mark.category, photograph.group, photograph.credit, settings)
    cut = cut_of(subject.mask, subject.others)
    _check_cut(cut, settings)
    image, mask = _with_straight_ends(subject.image, subject.mask, cut)
    hard = hard_edges(image, mask)
    if max(hard.picture.shape[:2]) < settings.min_size:
        raise AssetError(f"smaller than {settings.min_size} pixels; take it in with a lower --min-size")
    cleaned = hard if dry else clean_edges(image, mask)
    _check_silhouette(cleaned)
    columns = {
        "role": photograph.role,
        "cut": cut.sides,
        "quality": "" if dry else f"{cleaned.quality:.3f}",
        "mask_source": "" if settings.mask_source == "gt" else settings.mask_source,
    }
    return Piece(
        name=photograph.name if len(photograph.marks) == 1 else f"{photograph.name}-{mark.name}",
        key=subject.key,
        told=told,
        print_=print_of(hard.picture),  # of the mask as it is, so that a dry run tells the same
        data=b"" if dry else encode_png(cleaned.picture),
        suffix=".png",
        columns={name: value for name, value in columns.items() if value},
        fresh=settings.alike == "refuse",
        quality=None if dry else cleaned.quality,
        edges=None if dry else mended(image, mask, cleaned),
    )


def _check_cut(cut: Cut, settings: ImportSettings) -> None:
    if cut.by and settings.truncated == "refuse":
        raise AssetError(f"cut off by {cut.by}; keep such objects for the frame's edge with --truncated edge")
    if cut.kept is None:
        raise AssetError(f"cut off by {cut.by} where no frame edge could hide it; draw it whole")
    if {"l", "r"} <= set(cut.sides) or {"t", "b"} <= set(cut.sides):
        raise AssetError("cut off on opposite sides, which no frame edge can hide; draw it whole")


def _with_straight_ends(image: AnyRGB, mask: AnyCoverage, cut: Cut) -> tuple[AnyRGB, AnyCoverage]:
    """Continue the mask to the borders that cut it, and leave out what lies beyond the other cut sides."""
    if not cut.sides or cut.kept is None:
        return image, mask
    mask = grown_to_border(mask, cut.sides)
    x0, y0, x1, y1 = cut.kept
    rows = slice(y0 if "t" in cut.sides else None, y1 if "b" in cut.sides else None)
    columns = slice(x0 if "l" in cut.sides else None, x1 if "r" in cut.sides else None)
    return np.ascontiguousarray(image[rows, columns]), np.ascontiguousarray(mask[rows, columns])


def _check_silhouette(cleaned: Cleaned) -> None:
    alpha = cleaned.picture[:, :, 3]
    if not (alpha >= 128).any():
        raise AssetError("nothing of it is surely seen; draw its outline closer")
    if alpha.min() == 255:
        raise AssetError("it fills its box to every corner, so there is no silhouette; draw its outline")
