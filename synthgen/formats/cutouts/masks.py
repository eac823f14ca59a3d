"""Pictures and masks in pairs: NAME.jpg beside NAME.pbm, NAME.npy, NAME.png or NAME_mask.png, or images/ and masks/.

A mask is not zero where the object is. The layout of syndata-generation's data is such: a folder of each object
within objects_dir, harmless ones within distractor_objects_dir. Masks that are white around it are to be inverted.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from functools import partial
from itertools import islice
from pathlib import Path

import numpy as np
from jaxtyping import Bool

from synthgen.core.errors import DatasetError
from synthgen.core.pictures import IMAGE_SUFFIXES
from synthgen.core.types import Size
from synthgen.formats.cutouts.mask_values import mask_values, of_size
from synthgen.formats.found_files import LOOKED_AT, files_of, name_in
from synthgen.formats.offer import Format, Mark, Offer, Photograph, ReadOptions, Refused
from synthgen.formats.photograph import read_file, read_photograph

__all__ = ["MASK_PAIRS"]

ONLY_MASKS = (".pbm", ".npy")  # suffixes of no photograph
ENDINGS = ("_mask", "-mask", ".mask", "_matte")
FOLDERS = {"images": "masks", "image": "mask", "imgs": "masks", "JPEGImages": "masks"}
OBJECTS, HARMLESS = "objects_dir", "distractor_objects_dir"  # of syndata-generation
AROUND = 0.8  # of a picture's border: what covers more of it is no object but what surrounds it


def _fits(source: Path) -> bool:
    return any(_mask_of(path) is not None for path in islice(_pictures(source), LOOKED_AT))


def _read(source: Path, options: ReadOptions) -> Iterator[Offer]:
    pairs = {path: _mask_of(path) for path in _pictures(source)}
    masks = set(pairs.values())
    for path, mask in pairs.items():
        if mask is None:
            if path not in masks:
                yield Refused(name_in(source, path), "no mask beside it; add one of the same name")
            continue
        name = name_in(source, path)
        role = {OBJECTS: "target", HARMLESS: "distractor"}.get(_first_folder(source, path), "")
        mark = Mark("0", _category(source, path), partial(_mask, mask, options.invert))
        yield Photograph(name, partial(read_photograph, path), (mark,), role=role)


def _pictures(source: Path) -> Iterator[Path]:
    """Yield what may be a photograph; with folders of syndata-generation, only those in them."""
    roots = [source / name for name in (OBJECTS, HARMLESS) if (source / name).is_dir()] or [source]
    for root in roots:
        for path in files_of(root, IMAGE_SUFFIXES):
            folders = path.relative_to(source).parts[:-1] if path != source else ()
            if not path.stem.endswith(ENDINGS) and not set(folders) & set(FOLDERS.values()):
                yield path


def _mask_of(path: Path) -> Path | None:
    """Return the mask that lies beside a picture, or in the folder of masks beside its folder."""
    beside = [path.with_suffix(suffix) for suffix in ONLY_MASKS]
    beside += [path.with_name(f"{path.stem}{ending}{suffix}") for ending in ENDINGS for suffix in (".png", *ONLY_MASKS)]
    if path.suffix.lower() in (".jpg", ".jpeg"):
        beside.append(path.with_suffix(".png"))
    for name, other in FOLDERS.items():
        if name in path.parts:
            place = len(path.parts) - 1 - path.parts[::-1].index(name)
            moved = Path(*path.parts[:place], other, *path.parts[place + 1 :])
            beside += [moved.with_suffix(suffix) for suffix in (".png", *ONLY_MASKS)]
    return next((mask for mask in beside if mask.is_file()), None)


def _first_folder(source: Path, path: Path) -> str:
    return path.relative_to(source).parts[0] if path != source else ""


def _category(source: Path, path: Path) -> str:
    """Return the folder that a picture lies in, unless that is the source itself or is named for what it holds."""
    folders = path.relative_to(source).parts[:-1] if path != source else ()
    named = [name for name in folders if name not in (OBJECTS, HARMLESS, *FOLDERS)]
    return named[-1] if named else ""


def _mask(path: Path, invert: bool, size: Size) -> Bool[np.ndarray, "_h _w"]:
    try:
        values = _values(path)
    except (DatasetError, OSError, ValueError, SyntaxError) as error:
        raise ValueError(f"its mask {path.name} cannot be read: {error}; replace it") from error
    mask: np.ndarray = (of_size(values, size, path.name) != 0) != invert
    rim = np.concatenate([mask[0], mask[-1], mask[:, 0], mask[:, -1]])
    if rim.mean() > AROUND and not mask.all():
        turn = "leave out --invert" if invert else "take such masks with --invert"
        raise ValueError(f"its mask is set all around the picture, so it seems to be inverted; {turn}")
    return mask


def _values(path: Path) -> np.ndarray:
    data = read_file(path)
    if path.suffix.lower() != ".npy":
        return mask_values(data)
    found: np.ndarray = np.load(io.BytesIO(data), allow_pickle=False)
    found = found[..., 0] if found.ndim == 3 and found.shape[2] == 1 else found
    if found.ndim != 2 or found.dtype.kind not in "biuf":
        raise ValueError(f"an array of shape {found.shape} and type {found.dtype}, expected (h, w) numbers")
    known: np.ndarray = np.nan_to_num(found)
    return known


MASK_PAIRS = Format(_fits, _read, "pictures and masks in pairs")
