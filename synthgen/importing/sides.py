"""Objects that are cut off: by the border of their picture, or by another object that lies in front of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from jaxtyping import UInt8

from synthgen.core.geometry import tight_box
from synthgen.core.types import Box, Coverage

__all__ = ["Cut", "cut_of", "grown_to_border"]

NEAR, NEAREST = 0.005, 2  # how near to a border an object is cut by it: a share of the picture's side, and pixels
TOUCH, TOUCHES = 0.05, 3  # how much of the object's extent lies there, and pixels
CONTACT, CONTACTS = 0.05, 6  # how much of an outline touches another object that cuts it, and pixels
GAP = 2  # pixels between two outlines that touch, as annotators draw them
CLEARLY = 2.0  # how much more of the one in front lies in the other's hull than the other way round
RAGGED = 0.15  # of the extent: what may be cropped away, to make an end straight that another object cut


@dataclass(frozen=True, slots=True)
class Cut:
    """How an object is cut off.

    Attributes:
        sides: Sorted letters of b, l, r, t; empty where it is whole.
        by: What cuts it, for messages: "the border of the picture", "another object"; empty where it is whole.
        kept: Box of the part with straight ends on all its cut sides; None where no cropping makes them straight.
    """

    sides: str
    by: str
    kept: Box | None


def cut_of(mask: Coverage, others: Sequence[Coverage]) -> Cut:
    """Tell how an object is cut, by its mask and those of the other objects of its picture."""
    box = tight_box(mask)
    sides = _at_border(mask, box)
    by = "the border of the picture" if sides else ""
    kept = list(box)
    for other in others:
        contact = _contact(mask, other)
        if contact is None:
            continue
        by = by or "another object"
        side, place = _nearest_side(contact, box)
        if not side:
            return Cut("".join(sorted(sides)), by, None)
        sides |= {side}
        low = side in "lt"
        axis = "ltrb".index(side)
        kept[axis] = max(kept[axis], place) if low else min(kept[axis], place)
    return Cut("".join(sorted(sides)), by, (kept[0], kept[1], kept[2], kept[3]))


def grown_to_border(mask: Coverage, sides: str) -> Coverage:
    """Continue a mask up to the borders that cut it, where annotators left a pixel or two."""
    grown = mask.copy()
    height, width = mask.shape
    x0, y0, x1, y1 = tight_box(mask)
    if "l" in sides and x0 <= _near(width):
        grown[:, :x0] = grown[:, x0 : x0 + 1]
    if "r" in sides and width - x1 <= _near(width):
        grown[:, x1:] = grown[:, x1 - 1 : x1]
    if "t" in sides and y0 <= _near(height):
        grown[:y0] = grown[y0]
    if "b" in sides and height - y1 <= _near(height):
        grown[y1:] = grown[y1 - 1]
    return grown


def _near(side: int) -> int:
    return max(NEAREST, round(NEAR * side))


def _at_border(mask: Coverage, box: Box) -> set[str]:
    (height, width), (x0, y0, x1, y1) = mask.shape, box
    down, across = _near(height), _near(width)
    touching = {
        "l": (mask[:, :across].any(axis=1).sum(), y1 - y0),
        "r": (mask[:, -across:].any(axis=1).sum(), y1 - y0),
        "t": (mask[:down].any(axis=0).sum(), x1 - x0),
        "b": (mask[-down:].any(axis=0).sum(), x1 - x0),
    }
    return {side for side, (count, extent) in touching.items() if count >= max(TOUCHES, TOUCH * extent)}


def _contact(mask: Coverage, other: Coverage) -> np.ndarray | None:
    """Return the (x, y) of the outline's pixels where `other` cuts the object; None where it does not.

    Of two objects that touch, the one whose convex hull holds more of the other is the one that was cut (Zhan et al.
    2020, "Self-supervised scene de-occlusion", where hulls stand in for whole objects). Where neither holds clearly
    more, either may be.
    """
    part = _joint_part(tight_box(mask), tight_box(other), mask.shape)
    if part is None:
        return None
    here: UInt8[np.ndarray, "h w"] = mask[part].astype(np.uint8)
    there: UInt8[np.ndarray, "h w"] = (other[part] & ~mask[part]).astype(np.uint8)
    reach = cv2.dilate(there, np.ones((2 * GAP + 1, 2 * GAP + 1), np.uint8))
    outline = here - cv2.erode(here, np.ones((3, 3), np.uint8))
    touching = np.minimum(outline, reach)
    if np.count_nonzero(touching) < max(CONTACTS, CONTACT * np.count_nonzero(outline)):
        return None
    lost = np.count_nonzero(_hull(here) & there)
    covered = np.count_nonzero(_hull(other[part].astype(np.uint8)) & here)
    if covered > CLEARLY * lost:
        return None
    y, x = np.nonzero(touching)
    return np.stack([x + part[1].start, y + part[0].start], axis=1)


def _joint_part(box: Box, other: Box, size: tuple[int, ...]) -> tuple[slice, slice] | None:
    """Return the part of the picture that holds both boxes; None where they lie apart."""
    if box[0] > other[2] + GAP or other[0] > box[2] + GAP or box[1] > other[3] + GAP or other[1] > box[3] + GAP:
        return None
    y0, y1 = max(0, min(box[1], other[1]) - 1), min(size[0], max(box[3], other[3]) + 1)
    x0, x1 = max(0, min(box[0], other[0]) - 1), min(size[1], max(box[2], other[2]) + 1)
    return slice(y0, y1), slice(x0, x1)


def _hull(mask: np.ndarray) -> np.ndarray:
    filled = np.zeros_like(mask)
    points = cv2.findNonZero(mask)
    if points is not None:
        cv2.fillConvexPoly(filled, cv2.convexHull(points), 1)
    return filled


def _nearest_side(contact: np.ndarray, box: Box) -> tuple[str, int]:
    """Return the side of the box along which all the contact lies, and where a straight cut leaves it out."""
    x0, y0, x1, y1 = box
    depths = {
        "l": (int(contact[:, 0].max()) + 1 - x0) / (x1 - x0),
        "t": (int(contact[:, 1].max()) + 1 - y0) / (y1 - y0),
        "r": (x1 - int(contact[:, 0].min())) / (x1 - x0),
        "b": (y1 - int(contact[:, 1].min())) / (y1 - y0),
    }
    side = min(depths, key=lambda name: depths[name])
    if depths[side] > RAGGED:
        return "", 0
    places = {
        "l": int(contact[:, 0].max()) + 1,
        "t": int(contact[:, 1].max()) + 1,
        "r": int(contact[:, 0].min()),
        "b": int(contact[:, 1].min()),
    }
    return side, places[side]
