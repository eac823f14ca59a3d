"""From an offer to pieces: files that are ready are checked and copied, marked objects are cut out.

Whatever is wrong with one of them is a refusal with its reason; nothing stops the others.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from io import BytesIO
from pathlib import Path

import numpy as np

from synthgen.core.errors import AssetError, SynthgenError
from synthgen.core.files import read_bounded
from synthgen.core.pictures import encode_png, read_background, read_foreground, read_header, suffix_of
from synthgen.core.types import AnyCoverage
from synthgen.formats.offer import Mark, Offer, Photograph, Ready, Refused
from synthgen.importing.cut_out import Subject, cut_out
from synthgen.importing.groups import print_of
from synthgen.importing.piece import Piece, Seen
from synthgen.importing.settings import ImportSettings
from synthgen.importing.told import told_of

__all__ = ["Result", "prepare"]

MAX_FILE_BYTES = 2**30

Result = Piece | Seen | Refused


def prepare(offer: Offer, settings: ImportSettings, known: Collection[str], *, dry: bool) -> list[Result]:
    """Make pieces of an offer, but of those whose keys are `known`; a `dry` run mends no edge and encodes nothing."""
    if isinstance(offer, Refused):
        return [offer]
    try:
        if isinstance(offer, Ready):
            return [_file(offer, settings, known, dry=dry)]
        if settings.role == "background":
            return [_frame(offer, settings, known, dry=dry)]
        return _objects(offer, settings, known, dry=dry)
    except SynthgenError as error:
        marks = offer.marks if isinstance(offer, Photograph) else ()
        items = [f"{offer.name}#{mark.name}" for mark in marks] or [offer.name]
        return [Refused(item, str(error)) for item in items]


def _file(offer: Ready, settings: ImportSettings, known: Collection[str], *, dry: bool) -> Result:
    """Take in a file; one that needs no change is copied byte for byte."""
    told = told_of(offer.name, offer.category, offer.group, offer.credit, settings)
    data = _bytes(offer.path)
    key = hashlib.sha256(data).hexdigest()
    if key in known:
        return Seen(key)
    scene = settings.role == "background"
    pixels, notes = (read_background if scene else read_foreground)(BytesIO(data))
    _check_size(pixels, settings)
    plain = read_header(BytesIO(data))[1] if scene else not notes and suffix_of(data) == ".png"
    return Piece(
        name=offer.name,
        key=key,
        told=told,
        print_=print_of(pixels),
        data=data if plain or dry else encode_png(pixels),
        suffix=suffix_of(data) if plain else ".png",
        columns=offer.columns,
        note="" if plain else "; ".join(notes) or "written anew as PNG",
    )


def _frame(offer: Photograph, settings: ImportSettings, known: Collection[str], *, dry: bool) -> Result:
    """Take in a picture that is no file, such as a frame of a video, as a background."""
    told = told_of(offer.name, "", offer.group, offer.credit, settings)
    pixels = offer.image()
    key = _digest(pixels)
    if key in known:
        return Seen(key)
    _check_size(pixels, settings)
    data = b"" if dry else encode_png(pixels)
    return Piece(offer.name, key, told, print_of(pixels), data, ".png", fresh=not settings.clip)


def _objects(offer: Photograph, settings: ImportSettings, known: Collection[str], *, dry: bool) -> list[Result]:
    """Cut the marked objects out of a photograph."""
    image = offer.image()
    picture = _digest(image)
    results: list[Result] = []
    masks: list[tuple[Mark, AnyCoverage]] = []
    for mark in offer.marks:
        try:
            masks.append((mark, _mask(mark, (image.shape[0], image.shape[1]))))
        except ValueError as error:
            results.append(Refused(f"{offer.name}#{mark.name}", str(error)))
    for mark, mask in masks:
        key = hashlib.sha256(f"{picture} {_digest(mask)}".encode()).hexdigest()
        others = [other for each, other in masks if each is not mark]
        subject = Subject(offer, mark, key, image, mask, others)
        try:
            results.append(Seen(key) if key in known else cut_out(subject, settings, dry=dry))
        except AssetError as error:
            results.append(Refused(f"{offer.name}#{mark.name}", str(error)))
    return results


def _mask(mark: Mark, size: tuple[int, int]) -> AnyCoverage:
    mask = mark.mask(size)
    if not mask.any():
        raise ValueError("its outline holds no pixel; draw it again")
    return mask


def _check_size(pixels: np.ndarray, settings: ImportSettings) -> None:
    if max(pixels.shape[:2]) < settings.min_size:
        raise AssetError(f"smaller than {settings.min_size} pixels; take it in with a lower --min-size")


def _bytes(path: Path) -> bytes:
    try:
        return read_bounded(path, MAX_FILE_BYTES)
    except OSError as error:
        raise AssetError(f"cannot be read: {error.strerror or error}; check its name and permissions") from error


def _digest(pixels: np.ndarray) -> str:
    return hashlib.sha256(f"{pixels.shape}".encode() + np.ascontiguousarray(pixels).tobytes()).hexdigest()
