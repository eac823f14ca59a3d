"""What a batch holds beside its images: targets of the kind a task asks for, ragged ones among them.

A collate says which parts of a picture's truth it reads; a loader reads no other. It makes room for a whole batch and
puts the truth of each sample into its place, from several threads at a time, each place from one of them.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal, Protocol, runtime_checkable

import cv2
import numpy as np
from jaxtyping import Bool, Float32, Int16, UInt8

from synthgen.core.picture import Boxes, Truth
from synthgen.core.types import RGB, Coverage, Size
from trainers.config.classes import ClassesConfig
from trainers.loading.memory import BatchMemory

__all__ = [
    "Batch",
    "BoxTargets",
    "Boxed",
    "Collate",
    "Column",
    "Dense",
    "DenseTargets",
    "LabelTargets",
    "Labelled",
    "MaskTargets",
    "Masked",
    "SeesPictures",
]

NO_BOXES = Boxes.of((), ())
Column = Literal["mask", "label", "boxes", "amodal", "ignore", "distractors"]


@dataclass(frozen=True, slots=True, eq=False)
class Batch:
    """One step's data.

    Attributes:
        images: RGB uint8 (batch, height, width, 3), which is what `channels_last` means to torch.
        targets: What the loader's collate makes; None without one.
        indices: Index of each sample within its split.
        step_samples: Samples that all ranks together take at this step.
    """

    images: UInt8[np.ndarray, "b h w 3"]
    targets: Any
    indices: tuple[int, ...]
    step_samples: int


@runtime_checkable
class Collate(Protocol):
    """Turns the truth of pictures into the targets of a batch."""

    @property
    def columns(self) -> frozenset[Column]:
        """The parts of the truth that are read."""
        ...

    def room(self, count: int, size: Size, memory: BatchMemory) -> Any:
        """Return targets of any content for `count` pictures of `size`; large arrays come from `memory`."""
        ...

    def put(self, targets: Any, place: int, truth: Truth) -> None:
        """Write the truth of the picture at `place`; called from several threads."""
        ...


@runtime_checkable
class SeesPictures(Protocol):
    """A collate whose targets depend on pixels, too."""

    def see(self, targets: Any, place: int, image: RGB) -> None:
        """Look at the picture at `place`, of the size that the network sees, before any augmentation; as `put`."""
        ...


@dataclass(frozen=True, slots=True, eq=False)
class MaskTargets:
    """Masks of a batch.

    Attributes:
        masks: uint8 (batch, height, width), pixel = instance number, or that of its class where classes are told apart,
            from 1; 0 = none.
        ignored: Of each picture the pixels that neither loss nor scores count; None where all count.
        boxes: By place, of the pictures whose targets are known by their boxes alone; the mask says nothing there.
        somewhere: Places of the pictures of which nobody knows more than that they show a target.
    """

    masks: UInt8[np.ndarray, "b h w"]
    ignored: list[Coverage | None]
    boxes: dict[int, Boxes] = field(default_factory=dict)
    somewhere: set[int] = field(default_factory=set)

    @property
    def ignore(self) -> Bool[np.ndarray, "b h w"] | None:
        """The pixels that neither loss nor scores count; None where all pixels of the batch count."""
        if all(region is None for region in self.ignored):
            return None
        nothing = np.zeros(self.masks.shape[1:], bool)
        return np.stack([nothing if region is None else region for region in self.ignored])


class Masked:
    """Collates masks and ignored regions into `MaskTargets`, and what is known where there is no mask.

    Where classes are told apart, the boxes are read, too: they say which instance is of which category, from which
    `trainers.loading.classed` makes masks of classes.
    """

    columns: frozenset[Column] = frozenset({"mask", "ignore"})

    def __init__(self, classes: ClassesConfig | None = None) -> None:
        """Tell `classes` apart; None: all targets are one."""
        self.classes = classes or ClassesConfig()
        if self.classes.names:
            self.columns = self.columns | {"boxes"}

    def room(self, count: int, size: Size, memory: BatchMemory) -> MaskTargets:
        """Take memory for the masks."""
        return MaskTargets(memory.take(count, *size), [None] * count)

    def put(self, targets: MaskTargets, place: int, truth: Truth) -> None:
        """Copy the mask, or keep boxes or label in its place; a picture of which none is known shows no target.

        Boxes of a category that is none of the classes are no targets.
        """
        targets.masks[place] = 0 if truth.mask is None else truth.mask
        targets.ignored[place] = truth.ignore
        if truth.mask is not None:
            return
        boxes = truth.boxes
        if boxes is not None:
            known = [self.classes.number_of(category) is not None for category in boxes.categories]
            boxes = boxes.select(np.array(known, bool))
        if boxes is not None and len(boxes):
            targets.boxes[place] = boxes
        elif truth.label:
            targets.somewhere.add(place)


@dataclass(frozen=True, slots=True, eq=False)
class LabelTargets:
    """Labels of a batch.

    Attributes:
        labels: 1 where a target is visible, else 0 (batch).
        known: Where the label is known; the others are left out of loss and scores (batch).
    """

    labels: Float32[np.ndarray, " b"]
    known: Bool[np.ndarray, " b"]


class Labelled:
    """Collates labels into `LabelTargets`."""

    columns: frozenset[Column] = frozenset({"label"})

    def room(self, count: int, size: Size, memory: BatchMemory) -> LabelTargets:
        """Make small arrays."""
        return LabelTargets(np.empty(count, np.float32), np.empty(count, bool))

    def put(self, targets: LabelTargets, place: int, truth: Truth) -> None:
        """Write label and whether it is known."""
        targets.labels[place] = truth.label or 0
        targets.known[place] = truth.label is not None


@dataclass(frozen=True, slots=True, eq=False)
class DenseTargets:
    """Labels of a batch, and masks as far as they are known.

    Attributes:
        labels: The labels.
        masks: The masks.
        masked: Pictures whose mask is known (batch): it is given, or nothing is seen.
    """

    labels: LabelTargets
    masks: MaskTargets
    masked: Bool[np.ndarray, " b"]


class Dense:
    """Collates labels and masks into `DenseTargets`."""

    columns: frozenset[Column] = Labelled.columns | Masked.columns

    def __init__(self) -> None:
        """Collate each of both as alone."""
        self._labelled, self._masked = Labelled(), Masked()

    def room(self, count: int, size: Size, memory: BatchMemory) -> DenseTargets:
        """Make room for both."""
        labels, masks = self._labelled.room(count, size, memory), self._masked.room(count, size, memory)
        return DenseTargets(labels, masks, np.empty(count, bool))

    def put(self, targets: DenseTargets, place: int, truth: Truth) -> None:
        """Put both."""
        self._labelled.put(targets.labels, place, truth)
        self._masked.put(targets.masks, place, truth)
        targets.masked[place] = truth.mask is not None or truth.label == 0


@dataclass(frozen=True, slots=True, eq=False)
class BoxTargets:
    """Boxes of a batch; pictures have different numbers of them.

    Attributes:
        boxes: Of each picture, in its own pixels, crowds excepted.
        ignored: Boxes (n, 4) of what is neither target nor background: of crowds, and of targets that are too hidden to
            be labelled; by place, of the pictures that have any.
        masks: uint8 (batch, height, width), pixel = instance number, 0 = none; None where masks are not learnt.
        masked: Places of the pictures whose mask is known.
        regions: Boxes (r, 4) that may hold a target, by place; empty where the network finds its own.
    """

    boxes: list[Boxes]
    ignored: dict[int, Float32[np.ndarray, "n 4"]] = field(default_factory=dict)
    masks: UInt8[np.ndarray, "b h w"] | None = None
    masked: set[int] = field(default_factory=set)
    regions: dict[int, Int16[np.ndarray, "r 4"]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Boxed:
    """Collates boxes into `BoxTargets`.

    Attributes:
        amodal: Whether boxes are around all of a target that lies in the frame, not only around what is seen of it.
        masks: Whether masks are read, too.
    """

    amodal: bool = False
    masks: bool = False

    @property
    def columns(self) -> frozenset[Column]:
        """Boxes and what is to be ignored; masks are decoded only where they are learnt."""
        boxes: Column = "amodal" if self.amodal else "boxes"
        return frozenset({boxes, "ignore", "mask"} if self.masks else {boxes, "ignore"})

    def room(self, count: int, size: Size, memory: BatchMemory) -> BoxTargets:
        """Make a list of as many places; take memory for masks."""
        return BoxTargets([NO_BOXES] * count, masks=memory.take(count, *size) if self.masks else None)

    def put(self, targets: BoxTargets, place: int, truth: Truth) -> None:
        """Keep the boxes; a picture without any shows no target."""
        if truth.boxes is not None:
            targets.boxes[place] = truth.boxes.select(~truth.boxes.crowd)
        if truth.ignore is not None and truth.ignore.any():
            targets.ignored[place] = _boxes_of(truth.ignore)
        if targets.masks is None:
            return
        known = truth.mask is not None and truth.boxes is not None and truth.boxes.numbers is not None
        targets.masks[place] = truth.mask if known else 0
        if known:
            targets.masked.add(place)


def _boxes_of(region: Coverage) -> Float32[np.ndarray, "n 4"]:
    """Return the box of each connected piece of a region."""
    _, _, found, _ = cv2.connectedComponentsWithStats(region.view(np.uint8), connectivity=8)
    left, top, width, height = found[1:, :4].astype(np.float32).T
    return np.stack([left, top, left + width, top + height], axis=1)
