"""The values that travel between rooms, and the conventions they follow.

Images are RGB uint8 (height, width, 3). Instance masks are uint8 (height, width),
0 = no instance. Boxes are (x0, y0, x1, y1) in pixels, half-open. Sizes are
(height, width). Angles are degrees, counter-clockwise.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

import numpy as np
from jaxtyping import Bool, Float32, UInt8

if TYPE_CHECKING:
    from synthgen.core.picture import Truth

__all__ = [
    "RGB",
    "RGBA",
    "SPLITS",
    "Alpha",
    "AnyAlpha",
    "AnyCoverage",
    "AnyRGB",
    "AnyRGBA",
    "Box",
    "Coverage",
    "HiddenInstance",
    "Instance",
    "InstanceMask",
    "MaskSource",
    "Part",
    "Role",
    "Sample",
    "Size",
    "Split",
]

Split = Literal["train", "val", "test"]
SPLITS: tuple[Split, ...] = ("train", "val", "test")
Role = Literal["target", "distractor", "background"]
Part = Literal["target", "distractor", "occluder", "decoy"]
MaskSource = Literal["gt", "pseudo"]  # who outlined a cutout: someone who knows, or a model or a rule that guesses

# The arrays of one signature have one size: tests check it.
RGB = UInt8[np.ndarray, "h w 3"]
RGBA = UInt8[np.ndarray, "h w 4"]
InstanceMask = UInt8[np.ndarray, "h w"]
Alpha = Float32[np.ndarray, "h w"]
Coverage = Bool[np.ndarray, "h w"]

# For signatures with arrays of several sizes.
AnyRGB = UInt8[np.ndarray, "_h _w 3"]
AnyRGBA = UInt8[np.ndarray, "_h _w 4"]
AnyAlpha = Float32[np.ndarray, "_h _w"]
AnyCoverage = Bool[np.ndarray, "_h _w"]

Box = tuple[int, int, int, int]
Size = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Instance:
    """One target in one sample, as seen and as it would be without frame or occluders.

    Attributes:
        number: The instance's value in the mask, 1–255.
        category: What it is, e.g. "handgun".
        foreground_id: The cutout it was made from.
        bbox: Tight box of the visible mask; (0, 0, 0, 0) when nothing is visible.
        area: Visible pixels.
        amodal_bbox: Tight box of the amodal mask on the unbounded canvas; may leave the frame.
        amodal_area: Amodal pixels.
        amodal_rle: Run lengths of the amodal mask inside `amodal_bbox` (see core.geometry).
        visibility: |V| / |M|, 0–1.
        occlusion: 1 − |V| / |M∩F|, 0–1; 0 when nothing of the object is in the frame.
        truncation: 1 − |M∩F| / |M|, 0–1.
        track: In a sequence its number, from 1, the same in every frame; None in a picture.
    """

    number: int
    category: str
    foreground_id: str
    bbox: Box
    area: int
    amodal_bbox: Box
    amodal_area: int
    amodal_rle: bytes = field(repr=False)
    visibility: float
    occlusion: float
    truncation: float
    track: int | None = None


@dataclass(frozen=True, slots=True)
class HiddenInstance:
    """A target that is too hidden to be labelled: its pixels are 0 in the mask, and no background either.

    Attributes:
        category: What it is, e.g. "handgun".
        amodal_bbox: Tight box of the amodal mask on the unbounded canvas; may leave the frame.
        amodal_rle: Run lengths of the amodal mask inside `amodal_bbox` (see core.geometry).
        visibility: |V| / |M|, 0–1.
    """

    category: str
    amodal_bbox: Box
    amodal_rle: bytes = field(repr=False)
    visibility: float


@dataclass(frozen=True, slots=True, eq=False)
class Sample:
    """One rendered scene: pixels, masks, instances, and the scene that made them.

    Attributes:
        split: Which side of the firewall.
        index: Position within the split, from 0.
        image: RGB uint8 (h, w, 3).
        mask: uint8 (h, w), pixel = instance number, 0 = none. Only targets are instances.
        instances: One per labelled target, in order of their numbers.
        background_id: The scene photo; empty on a plain ground.
        scene_id: Shared by the samples that show one scene: under several blends, or as frames of a sequence.
        unlabelled: Targets in the scene that are too hidden to be labelled.
        unplaced: Objects drawn for the scene that found no place in it.
        scene: JSON of the `Scene`; renders this sample again.
        hidden: The unlabelled targets, bottom to top.
        sequence_id: The sequence that it is a frame of, which is its `scene_id`; None for a picture.
        frame: Its number there, from 0.
    """

    split: Split
    index: int
    image: RGB
    mask: InstanceMask
    instances: tuple[Instance, ...]
    background_id: str
    scene_id: str
    unlabelled: int
    unplaced: int
    scene: str
    hidden: tuple[HiddenInstance, ...] = ()
    sequence_id: str | None = None
    frame: int | None = None

    @property
    def sample_id(self) -> str:
        """Name of the sample, unique within a dataset, e.g. "train-000042"."""
        return f"{self.split}-{self.index:06d}"

    @property
    def name(self) -> str:
        """The sample as a picture: its `sample_id`."""
        return self.sample_id

    @property
    def group(self) -> str:
        """The sample as a picture: its `scene_id`."""
        return self.scene_id

    @property
    def size(self) -> Size:
        """Height and width."""
        return (self.mask.shape[0], self.mask.shape[1])

    @property
    def data(self) -> None:
        """None: a sample is not encoded."""
        return None

    @property
    def truth(self) -> Truth:
        """Its mask, the boxes of its visible instances, its label, and what its hidden targets may own."""
        from synthgen.core.picture import Boxes, Truth  # these stand on the names of this file
        from synthgen.core.truth import ignored_region, label_of

        seen = [instance for instance in self.instances if instance.area > 0]
        return Truth(
            mask=self.mask,
            boxes=Boxes.of(
                [instance.bbox for instance in seen],
                [instance.category for instance in seen],
                numbers=[instance.number for instance in seen],
            ),
            label=label_of(visible=bool(seen), unlabelled=self.unlabelled),
            ignore=ignored_region(self.hidden, self.mask),
        )

    @property
    def label(self) -> int:
        """1 if any target is visible, else 0."""
        return int(any(instance.area > 0 for instance in self.instances))
