"""Clean edges: from a photograph and a mask of an object to a cutout that brings no halo of the old background along.

A mask is wrong by a pixel or more along its edge, and a pixel on the edge shows object and background mixed. So a band
along the edge counts as unknown. Its coverage is solved for by closed-form matting (Levin, Lischinski and Weiss 2008,
"A closed-form solution to natural image matting"), in the limit where what is known is exact: then only the pixels of
the band are unknowns. The object's own colours beneath the edge are those of Germer, Uelwer, Conrad and Harmeling
(2020, "Fast multi-level foreground estimation").
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import cv2
import numpy as np
from jaxtyping import Float64

from synthgen.core.geometry import tight_box
from synthgen.core.types import RGB, AnyRGBA, Coverage

__all__ = ["Cleaned", "clean_edges", "hard_edges"]

BAND = 0.02  # half of the band, as a share of the object's size, √area
NARROWEST, WIDEST = 3.0, 8.0  # half of the band, pixels
MARGIN = 24  # pixels around the band that colours are estimated from
TILE, OVERLAP = 192, 16  # pixels: what is solved at a time, as its memory is 400 bytes for each pixel
RIM = 0.7  # pixels: deviation of the rim that a mask's edge is taken for, where the picture shows none
TRUST = 0.02  # weight of that beside what the picture shows
HAZE = 0.06  # coverage that is none: below it pixels are bare, and above one minus it opaque
SOFT = (0.1, 0.9)  # coverage that is neither bare nor opaque
SHARP = 1.5  # pixels: how wide the soft rim of an object in focus is


@dataclass(frozen=True, slots=True, eq=False)
class Cleaned:
    """A cutout.

    Attributes:
        picture: Straight RGBA, uint8 (h, w, 4), cropped to what is not bare.
        corner: (x, y) of its upper left corner in the photograph, pixels.
        quality: 0–1: how sharp its rim is, times how far coverage and mask agree on which pixels are the object's.
    """

    picture: AnyRGBA
    corner: tuple[int, int]
    quality: float


def clean_edges(image: RGB, mask: Coverage) -> Cleaned:
    """Cut the object of a mask out of a photograph, with soft edges and its own colours beneath them.

    Where the mask reaches the border of the picture, its edge there stays opaque: nothing is known beyond. Holes stay.

    Raises:
        ValueError: The mask is empty.
    """
    if not mask.any():
        raise ValueError("the mask is empty")
    radius = float(np.clip(BAND * np.sqrt(np.count_nonzero(mask)), NARROWEST, WIDEST))
    part = _around(mask, round(radius) + MARGIN)
    image, mask = np.ascontiguousarray(image[part]), np.ascontiguousarray(mask[part])
    inside, outside = _sure(mask, radius), _sure(~mask, radius)
    alpha = _connected(_without_haze(_coverage(image, mask, inside, outside)), inside)
    colours = _own_colours(image, alpha)
    codes = np.rint(255 * alpha).astype(np.uint8)
    colours[codes == 0] = 0
    x0, y0, x1, y1 = tight_box(codes > 0)
    picture = np.ascontiguousarray(np.dstack([colours, codes])[y0:y1, x0:x1])
    corner = (part[1].start + x0, part[0].start + y0)
    return Cleaned(picture, corner, _quality(alpha, mask))


def hard_edges(image: RGB, mask: Coverage) -> Cleaned:
    """Cut the object out along its mask as it is; its quality is 0, as nobody looked.

    Raises:
        ValueError: The mask is empty.
    """
    if not mask.any():
        raise ValueError("the mask is empty")
    x0, y0, x1, y1 = tight_box(mask)
    part = (slice(y0, y1), slice(x0, x1))
    return Cleaned(np.dstack([image[part], mask[part].astype(np.uint8) * 255]), (x0, y0), 0.0)


def _around(mask: Coverage, margin: int) -> tuple[slice, slice]:
    x0, y0, x1, y1 = tight_box(mask)
    height, width = mask.shape
    return slice(max(0, y0 - margin), min(height, y1 + margin)), slice(max(0, x0 - margin), min(width, x1 + margin))


def _sure(region: Coverage, radius: float) -> Coverage:
    """Return what of a region lies deeper than `radius`; of parts narrower than twice that, their middle half.

    So neither a thin part nor a small hole is unknown all over.
    """
    depth = cv2.distanceTransform(region.astype(np.uint8), cv2.DIST_L2, 5) - np.float32(0.5)
    side = 2 * int(np.ceil(radius)) + 1
    deepest = cv2.dilate(depth, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (side, side)))
    found: Coverage = region & (depth > np.minimum(radius, deepest / 2))
    return found


def _coverage(image: RGB, mask: Coverage, inside: Coverage, outside: Coverage) -> Float64[np.ndarray, "h w"]:
    """Return the coverage of every pixel, 0–1, solved for tile by tile where it is not known."""
    alpha = cv2.GaussianBlur(mask.astype(np.float64), (0, 0), RIM)
    known = inside | outside
    alpha[known] = inside[known]
    colours = image / 255.0
    for core, tile in _tiles(known.shape[0], known.shape[1]):
        if not known[core].all():
            alpha[core] = _solved(colours[tile], alpha[tile], known[tile])[_within(core, tile)]
    return alpha


def _solved(colours: np.ndarray, alpha: np.ndarray, known: np.ndarray) -> Float64[np.ndarray, "_h _w"]:
    """Solve for the unknown pixels of a tile, of which `alpha` holds a guess."""
    from pymatting import cf_laplacian, cg, jacobi

    unknown = np.flatnonzero(~known)
    rows = cf_laplacian(np.ascontiguousarray(colours), epsilon=1e-6, is_known=known)[unknown]
    solved = alpha.ravel().copy()
    guess = solved[unknown]
    solved[unknown] = 0
    system = rows[:, unknown].tocsr()
    system.setdiag(system.diagonal() + TRUST)
    solution = cg(system, TRUST * guess - rows @ solved, x0=guess, M=jacobi(system), rtol=1e-5, maxiter=2000)
    solved[unknown] = np.clip(solution, 0, 1)
    return solved.reshape(known.shape)


def _tiles(height: int, width: int) -> Iterator[tuple[tuple[slice, slice], tuple[slice, slice]]]:
    """Yield tiles that cover a picture, each as it is and with its overlap."""
    for y in range(0, height, TILE):
        for x in range(0, width, TILE):
            core = (slice(y, min(y + TILE, height)), slice(x, min(x + TILE, width)))
            wide = (
                slice(max(0, y - OVERLAP), min(y + TILE + OVERLAP, height)),
                slice(max(0, x - OVERLAP), min(x + TILE + OVERLAP, width)),
            )
            yield core, wide


def _within(core: tuple[slice, slice], tile: tuple[slice, slice]) -> tuple[slice, slice]:
    rows, columns = (
        slice(inner.start - outer.start, inner.stop - outer.start) for inner, outer in zip(core, tile, strict=True)
    )
    return rows, columns


def _without_haze(alpha: Float64[np.ndarray, "h w"]) -> Float64[np.ndarray, "h w"]:
    clear: np.ndarray = np.clip((alpha - HAZE) / (1 - 2 * HAZE), 0, 1)
    return clear


def _connected(alpha: Float64[np.ndarray, "h w"], inside: Coverage) -> Float64[np.ndarray, "h w"]:
    """Leave out islands of coverage that hang together with nothing that is surely the object."""
    _, labels = cv2.connectedComponents((alpha > 0).astype(np.uint8), connectivity=4)
    kept = np.zeros(int(labels.max()) + 1, bool)
    kept[labels[inside]] = True
    kept[0] = False
    return np.where(kept[labels], alpha, 0.0)


def _own_colours(image: RGB, alpha: Float64[np.ndarray, "h w"]) -> RGB:
    from pymatting import estimate_foreground_ml

    estimated = estimate_foreground_ml(image / 255.0, alpha)
    colours: RGB = np.rint(255 * np.clip(estimated, 0, 1)).astype(np.uint8)
    opaque = alpha >= 1
    colours[opaque] = image[opaque]
    return colours


def _quality(alpha: Float64[np.ndarray, "h w"], mask: Coverage) -> float:
    moved = int(np.count_nonzero((alpha >= 0.5) != mask))
    rim = max(1, int(np.count_nonzero(_rim(mask))))
    soft = max(1, int(np.count_nonzero((alpha > SOFT[0]) & (alpha < SOFT[1]))))
    sharpness = min(1.0, SHARP * rim / soft)
    agreement = 1 / (1 + (moved / rim) ** 2)
    return round(sharpness * agreement, 3)


def _rim(mask: Coverage) -> Coverage:
    eroded = cv2.erode(mask.astype(np.uint8), np.ones((3, 3), np.uint8)) > 0
    rim: Coverage = mask & ~eroded
    return rim
