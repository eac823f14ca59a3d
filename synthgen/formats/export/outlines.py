"""Masks as closed lines: their parts, and their holes joined to them by bridges.

A bridge is walked there and back, so it encloses nothing: a reader that fills by the even-odd rule gets the hole, or
the second part, back. What it draws along the line is the only loss.
"""

from __future__ import annotations

import cv2
import numpy as np
from jaxtyping import Int32

from synthgen.core.types import AnyCoverage

__all__ = ["Ring", "joined", "rings"]

Ring = Int32[np.ndarray, "_n 2"]
"""Points (x, y) of a closed line; the last is joined to the first."""

AT_A_TIME = 1 << 20  # distances in memory


def rings(mask: AnyCoverage) -> list[Ring]:
    """Return the outline of each part of a mask, largest first, with its holes joined to it.

    Points are pixels that belong to the mask, those at its edge (Suzuki and Abe 1985). A part is what hangs together
    over edges and corners.
    """
    found, tree = cv2.findContours(mask.view(np.uint8), cv2.RETR_CCOMP, cv2.CHAIN_APPROX_NONE)
    if tree is None:
        return []
    lines = [np.asarray(line, np.int32).reshape(-1, 2) for line in found]
    parents = tree[0, :, 3].tolist()
    parts = [number for number, parent in enumerate(parents) if parent < 0]
    whole = [joined([lines[part], *_sorted(lines, parents, part)]) for part in parts]
    order = sorted(range(len(parts)), key=lambda place: -_area(lines[parts[place]]))
    return [_corners(whole[place]) for place in order]


def joined(lines: list[Ring]) -> Ring:
    """Return one line through all: each is joined to those before it where the two come nearest."""
    ring = lines[0]
    for line in lines[1:]:
        here, there = _nearest(ring, line)
        ring = np.concatenate([ring[: here + 1], line[there:], line[: there + 1], ring[here:]])
    return ring


def _sorted(lines: list[Ring], parents: list[int], part: int) -> list[Ring]:
    """Return the holes of a part, largest first."""
    holes = [line for line, parent in zip(lines, parents, strict=True) if parent == part]
    return sorted(holes, key=lambda line: -_area(line))


def _area(line: Ring) -> float:
    return float(cv2.contourArea(line))


def _nearest(ring: Ring, line: Ring) -> tuple[int, int]:
    """Return the places of the two points that are nearest to each other, the first of several."""
    best = (np.inf, 0, 0)
    step = max(1, AT_A_TIME // len(ring))
    for first in range(0, len(line), step):
        apart = ring[:, None].astype(np.int64) - line[None, first : first + step]
        squares = np.square(apart).sum(axis=2)
        here, there = np.unravel_index(int(squares.argmin()), squares.shape)
        best = min(best, (float(squares[here, there]), int(here), first + int(there)))
    return best[1], best[2]


def _corners(ring: Ring) -> Ring:
    """Drop the points that lie on a straight line between their neighbours."""
    if len(ring) < 3:
        return ring
    steps = np.diff(ring, axis=0, append=ring[:1])
    turns = (steps != np.roll(steps, 1, axis=0)).any(axis=1)
    corners: Ring = ring[turns]
    return corners
