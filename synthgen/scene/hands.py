"""Hands and arms that hold a target by its grip, and lead from there out of the picture.

The catalog says where a cutout's grip is. A cutout is taken to be upright, its muzzle on the side on which more of it
lies, as side views of firearms are. Lengths within a hand are in breadths: across the knuckles of four fingers.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from synthgen.assets.catalog import Asset
from synthgen.core.geometry import rotation_scale_flip
from synthgen.core.types import Size
from synthgen.ops.choice import frozen
from synthgen.ops.noise_fields import FIELD_SIDE
from synthgen.scene.footprint import Footprint
from synthgen.scene.placement import GRID
from synthgen.scene.pose import Pose
from synthgen.scene.sources import Bone, Hand, Outline, Shape

__all__ = ["SKINS", "SLEEVES", "Grasp", "draw_hand", "grasp_of", "reach", "tint"]

SKINS = ((92, 62, 48), (141, 96, 72), (187, 136, 106), (222, 176, 146), (238, 200, 176))
SLEEVES = ((38, 42, 54), (70, 76, 84), (112, 40, 38), (52, 78, 58), (150, 144, 132))
BREADTH_M = 0.085  # of a hand, metres (8–9 cm: Pheasant and Haslegrave, Bodyspace, 2006)
FIST = 0.42  # share of an arm's outline, along it, that the fist takes up
FIST_LENGTH = 3.5  # widths that an arm is long where nothing else is asked for
# Bones about the grip: x towards the muzzle, y down the grip; (x, y, radius) of either end, breadths.
PALM: tuple[Bone, ...] = (((-0.36, -0.22, 0.31), (-0.30, 0.24, 0.33)),)
FINGERS: tuple[Bone, ...] = (
    ((-0.36, -0.34, 0.17), (0.20, -0.58, 0.11)),  # the thumb, along the frame
    ((0.02, -0.36, 0.13), (0.58, -0.37, 0.10)),  # the index finger, at the trigger
    ((0.36, -0.13, 0.135), (-0.14, -0.10, 0.12)),  # three that come round the front
    ((0.34, 0.12, 0.135), (-0.15, 0.14, 0.12)),
    ((0.28, 0.36, 0.12), (-0.12, 0.37, 0.105)),
)


@dataclass(frozen=True, slots=True)
class Grasp:
    """How a target is held.

    Attributes:
        point: (x, y) of the grip, frame pixels.
        rotation: Of the target, degrees counter-clockwise.
        flip: The muzzle is on the left before turning.
        away: Direction (x, y) from the middle of the target to the grip, frame pixels; where an arm comes from.
        breadth: Of a hand as large as the target's real length asks for, pixels; None where that is not known.
    """

    point: tuple[float, float]
    rotation: float
    flip: bool
    away: tuple[float, float] = (0.0, 1.0)
    breadth: float | None = None


def grasp_of(asset: Asset, target: Footprint) -> Grasp | None:
    """Return how `asset`, placed as `target`, is held; None where the catalog does not say by what."""
    if asset.grip is None:
        return None
    pose = target.pose
    grip = (np.array(asset.grip) - 0.5) * [asset.width, asset.height]
    inwards = asset.outline.mean(axis=0) - grip
    (x, y), (across, down) = pose.linear @ grip + pose.center, pose.linear @ -inwards
    metre = None if asset.length_m is None else pose.scale * max(asset.height, asset.width) / asset.length_m
    return Grasp(
        point=(float(x), float(y)),
        rotation=pose.rotation,
        flip=pose.flip != bool(inwards[0] < 0),
        away=(float(across), float(down)),
        breadth=None if metre is None else BREADTH_M * metre,
    )


def draw_hand(
    grasp: Grasp, breadth: float, size: Size, rng: np.random.Generator, longer: float = 0.0
) -> tuple[Hand, Pose]:
    """Draw a hand that holds the grip, whose arm leaves a frame of `size` by `longer` pixels, and its pose.

    `breadth` in pixels holds where the target's real length, and so the hand's breadth, is not known.
    """
    natural = float(rng.uniform(0.9, 1.15))
    breadth = max(2.0, breadth if grasp.breadth is None else natural * grasp.breadth)
    rotation = round(grasp.rotation + float(rng.uniform(-10, 10)), 3)
    lift = float(np.deg2rad(rng.uniform(-10, 55)))  # of the forearm below the line from grip to rear
    away = np.array([-math.cos(lift), math.sin(lift)])
    linear = rotation_scale_flip(rotation, 1.0, grasp.flip)
    length = max(4.0, (_way_out(grasp.point, linear @ away, size) + longer) / breadth + 1.5)
    bones, sleeved = _arm_bones(away, length, cuff=float(rng.uniform(0.5, 2.5)), bare=bool(rng.random() < 0.25))
    bones += [_moved(bone, rng.uniform(-0.02, 0.02, 2)) for bone in (*PALM, *FINGERS)]
    window, bones_px, origin = _windowed(bones, breadth)
    noise_x, noise_y = rng.integers(FIELD_SIDE, size=2).tolist()
    skin, cloth = tint(SKINS, rng), tint(SLEEVES, rng)
    hand = Hand(window, bones_px, sleeved, skin, cloth, round(float(rng.uniform(1, 4)), 2), (noise_x, noise_y))
    middle = np.array(grasp.point) - linear @ (origin - np.array([window[1], window[0]]) / 2)
    return hand, Pose(1.0, rotation, grasp.flip, _on_grid(middle))


def reach(arm: Shape, grasp: Grasp, size: Size, turn: float, longer: float = 0.0) -> tuple[Shape, Pose]:
    """Lay an arm with its fist on the grip, `turn` degrees off the way from it, that leaves the frame by `longer`."""
    width = arm.size[0]
    rotation = math.degrees(math.atan2(-grasp.away[1], grasp.away[0])) + turn
    linear = rotation_scale_flip(rotation, 1.0, False)
    way = _way_out(grasp.point, linear @ np.array([1.0, 0.0]), size) + longer
    length = max(arm.size[1], math.ceil(way) + width)
    longer = length / arm.size[1]
    outline: Outline = tuple((round(x / longer, 5) if x <= FIST else x, y) for x, y in arm.outline)
    fist = np.array([FIST / 2 * arm.size[1] - length / 2, 0.0])
    shape = Shape((width, length), outline, arm.colour, arm.rounding, arm.grain, arm.noise)
    return shape, Pose(1.0, round(rotation, 3), False, _on_grid(np.array(grasp.point) - linear @ fist))


def tint(palette: tuple[tuple[int, int, int], ...], rng: np.random.Generator) -> tuple[int, int, int]:
    """Draw a colour of the palette, a little off."""
    red, green, blue = np.clip(palette[int(rng.integers(len(palette)))] + rng.integers(-14, 15, 3), 0, 255)
    return (int(red), int(green), int(blue))


def _arm_bones(away: np.ndarray, length: float, *, cuff: float, bare: bool) -> tuple[list[Bone], tuple[int, int]]:
    """Return forearm, sleeve and wrist, bottom to top, and which of them (first, end) are cloth."""
    palm = np.array([-0.33, 0.02])
    wrist, end = palm + 0.5 * away, palm + length * away
    wide = 0.34 + 0.03 * length
    forearm: Bone = (_end(wrist, 0.26), _end(end, wide))
    sleeve: Bone = (_end(wrist + cuff * away, 0.36 + 0.03 * cuff), _end(end, wide + 0.1))
    hand: Bone = (_end(palm, 0.34), _end(wrist, 0.26))
    return ([forearm, hand], (0, 0)) if bare else ([forearm, sleeve, hand], (1, 2))


def _end(point: np.ndarray, radius: float) -> tuple[float, float, float]:
    return (float(point[0]), float(point[1]), radius)


def _moved(bone: Bone, by: np.ndarray) -> Bone:
    (x0, y0, r0), (x1, y1, r1) = bone
    return ((x0 + by[0], y0 + by[1], r0), (x1 + by[0], y1 + by[1], r1))


def _windowed(bones: list[Bone], breadth: float) -> tuple[Size, tuple[Bone, ...], np.ndarray]:
    """Return the size of a window around the bones, the bones in its pixels, and where the grip lies there."""
    ends = np.array(bones) * breadth
    low = np.floor((ends[:, :, :2] - ends[:, :, 2:]).min(axis=(0, 1))) - 1
    high = np.ceil((ends[:, :, :2] + ends[:, :, 2:]).max(axis=(0, 1))) + 1
    ends[:, :, :2] -= low
    width, height = (high - low).astype(int).tolist()
    placed: tuple[Bone, ...] = frozen(ends.round(2).tolist())
    return (height, width), placed, -low


def _way_out(point: tuple[float, float], direction: np.ndarray, size: Size) -> float:
    """Return the distance from a point to the edge of the frame along a unit direction; 0 from beyond the frame."""
    ways: list[float] = [
        ((limit if step > 0 else 0.0) - start) / step
        for start, step, limit in zip(point, direction.tolist(), (size[1], size[0]), strict=True)
        if abs(step) > 1e-9
    ]
    return max(0.0, min(ways))


def _on_grid(point: np.ndarray) -> tuple[float, float]:
    x, y = (np.round(point * GRID) / GRID).tolist()
    return (x, y)
