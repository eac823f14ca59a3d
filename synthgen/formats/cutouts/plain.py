"""Photographs on a plain background, such as a table or a sheet of paper: what has another colour is the object.

The colours along the border give a model of the background; what differs from it begins GrabCut (Rother, Kolmogorov
and Blake 2004), whose outline follows edges.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from itertools import islice
from pathlib import Path

import cv2
import numpy as np
from jaxtyping import Bool, Float32

from synthgen.core.errors import DatasetError
from synthgen.core.grab_cut import grab_cut
from synthgen.core.types import RGB, Coverage, Size
from synthgen.formats.found_files import has_alpha, name_in, pictures_of
from synthgen.formats.offer import Format, Mark, Offer, Photograph, ReadOptions
from synthgen.formats.photograph import read_photograph

__all__ = ["PLAIN", "object_on_plain"]

RING = 0.03  # share of the sides that counts as border
LONGEST = 640  # pixels: of the picture that GrabCut sees
NOISE = 2.0  # least deviation of the border's colours, in Lab
EVEN = 14.0  # largest deviation of a border that is plain, in Lab
LIKE, UNLIKE = 3.0, 6.0  # deviations: nearer is background, farther is object
LEAST, MOST = 0.005, 0.9  # share of the picture that an object covers
LARGE = 0.02  # of the largest part: smaller ones are specks
SAMPLED = 12  # pictures that are looked at


def _fits(source: Path) -> bool:
    """Every picture is one, unless it has alpha; the border is judged when it is read."""
    sample = list(islice(pictures_of(source), SAMPLED))
    return bool(sample) and not any(has_alpha(path) for path in sample)


def _read(source: Path, _: ReadOptions) -> Iterator[Offer]:
    for path in pictures_of(source):
        name = name_in(source, path)
        folders = path.relative_to(source).parts[:-1] if path != source else ()
        mark = Mark("0", folders[-1] if folders else "", partial(_mask, path))
        yield Photograph(name, partial(read_photograph, path), (mark,))


def _mask(path: Path, _: Size) -> Bool[np.ndarray, "_h _w"]:
    try:
        return object_on_plain(read_photograph(path))
    except DatasetError as error:
        raise ValueError(str(error)) from error


def object_on_plain(image: RGB) -> Coverage:
    """Return the pixels of what lies on a plain background; holes in it stay holes.

    Raises:
        ValueError: The border is not plain, or there is nothing, or too much, that differs from it.
    """
    height, width = image.shape[:2]
    scale = min(1.0, LONGEST / max(height, width))
    small = cv2.resize(image, (round(width * scale), round(height * scale)), interpolation=cv2.INTER_AREA)
    distance = _distance(small)
    found = _grown(small, distance)
    share = np.count_nonzero(found) / found.size
    if not LEAST <= share <= MOST:
        raise ValueError(f"what differs from its border covers {share:.1%} of it; take it on a plainer background")
    grown = cv2.resize(found.astype(np.float32), (width, height), interpolation=cv2.INTER_LINEAR)
    covered: Coverage = grown >= 0.5
    return covered


def _distance(image: RGB) -> Float32[np.ndarray, "h w"]:
    """Return how many deviations each pixel is from a linear model of the border's colours over the picture, in Lab.

    Linear, as light falls off over a table. Half of the border may be covered by the object: the middle is robust.
    """
    lab = cv2.cvtColor(image.astype(np.float32) / 255, cv2.COLOR_RGB2LAB)
    height, width = image.shape[:2]
    ring = np.ones((height, width), bool)
    deep = max(2, round(RING * min(height, width)))
    ring[deep:-deep, deep:-deep] = False
    y, x = np.mgrid[:height, :width].astype(np.float32)
    base = np.stack([np.ones_like(x), x / width, y / height], axis=2)
    samples, colours = base[ring], lab[ring]
    kept = np.ones(len(samples), bool)
    for _ in range(3):
        plane, *_rest = np.linalg.lstsq(samples[kept], colours[kept], rcond=None)
        away = np.linalg.norm(colours - samples @ plane, axis=1)
        kept = away <= max(2.5 * float(np.median(away)), NOISE)
    deviation = float(np.median(away)) * 1.4826
    if deviation > EVEN or kept.mean() < 0.6:
        raise ValueError("its border has more colours than one; take it on a plain background")
    away_all: np.ndarray = np.linalg.norm(lab - base @ plane, axis=2) / max(deviation, NOISE)
    return away_all.astype(np.float32)


def _grown(image: RGB, distance: Float32[np.ndarray, "h w"]) -> Coverage:
    labels = np.where(distance > (LIKE + UNLIKE) / 2, cv2.GC_PR_FGD, cv2.GC_PR_BGD).astype(np.uint8)
    labels[distance > UNLIKE] = cv2.GC_FGD
    labels[distance < LIKE / 2] = cv2.GC_BGD
    sure = [np.count_nonzero(labels == kind) for kind in (cv2.GC_FGD, cv2.GC_BGD)]
    if min(sure) == 0:
        found: Coverage = labels == cv2.GC_FGD
        return found
    return _without_specks(grab_cut(image, labels))


def _without_specks(mask: Coverage) -> Coverage:
    """Leave out small parts of the object, and small holes in it, which are glints."""
    for region in (True, False):
        count, labels, statistics, _ = cv2.connectedComponentsWithStats((mask == region).astype(np.uint8))
        areas = statistics[1:, cv2.CC_STAT_AREA]
        if count > 1:
            least = LARGE * np.count_nonzero(mask) * (1.0 if region else 0.1)
            small = np.isin(labels, 1 + np.flatnonzero(areas < least))
            mask = mask ^ small
    return mask


PLAIN = Format(_fits, _read, "photographs on a plain background", fallback=True)
