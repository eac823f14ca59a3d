"""What is said of a picture: how many targets, what and where they are, and which look-alikes lie beside them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float32

from synthgen.core.picture import Boxes, Truth
from synthgen.core.types import Size, Split
from synthgen.shards.reader import ShardDataset
from trainers.loading.columns import BoxColumn, distractor_column
from trainers.loading.memory import BatchMemory
from trainers.loading.targets import Column

__all__ = ["NOTHING", "CaptionTargets", "Captioned", "caption_of", "captions_of"]

NOTHING = "a scene"
"""The caption of a picture that shows no target and no look-alike."""

COUNTS = ("a", "two", "three")
NAMED = 2  # kinds of targets, and of look-alikes, that a caption names: more would not fit into a short context
Corners = Float32[np.ndarray, "_n 4"]  # pictures have different numbers of them


def caption_of(boxes: Corners, categories: Sequence[str], distractors: Sequence[str], width: int, noun: str) -> str:
    """Return the caption of a picture.

    Args:
        boxes: Of its visible targets, x0, y0, x1, y1, pixels.
        categories: Of each box.
        distractors: Categories of its look-alikes.
        width: Of the picture, pixels.
        noun: What every target is called.

    Example:
        >>> caption_of(np.float32([[60, 0, 90, 9]]), ["handgun"], ["drill", "mug"], 96, "weapon")
        'a weapon, handgun right, beside drill and mug'
    """
    beside = " and ".join(_words(name) for name in sorted(set(distractors))[:NAMED])
    if not categories:
        return f"{NOTHING} with {beside}" if beside else NOTHING
    kinds = {f"{_words(name)} {_place(box, width)}" for name, box in zip(categories, boxes, strict=True)}
    return ", ".join(
        [_counted(len(categories), noun), *sorted(kinds)[:NAMED], *([f"beside {beside}"] if beside else [])]
    )


def captions_of(dataset: ShardDataset, split: Split, noun: str) -> list[str]:
    """Return the caption of each row of a split, without its picture.

    Raises:
        DatasetError: There is no such split, or it cannot be read.
    """
    boxes, beside, width = BoxColumn(dataset, split), distractor_column(dataset, split), dataset.manifest.size[1]
    rows = ((boxes[row], distractors) for row, distractors in enumerate(beside))
    return [caption_of(own.xyxy, own.categories, distractors, width, noun) for own, distractors in rows]


def _counted(count: int, noun: str) -> str:
    return f"{COUNTS[count - 1] if count <= len(COUNTS) else 'several'} {noun}{'' if count == 1 else 's'}"


def _words(category: str) -> str:
    return category.replace("_", " ").replace("-", " ")


def _place(box: Float32[np.ndarray, " 4"], width: int) -> str:
    """Return in which third of the picture the middle of a box lies."""
    middle = float(box[0] + box[2]) / 2 / width
    return "left" if middle < 1 / 3 else "right" if middle > 2 / 3 else "middle"


@dataclass(frozen=True, slots=True, eq=False)
class CaptionTargets:
    """What the captions of a batch are made of; they are made when augmentation has moved the boxes.

    Attributes:
        boxes: Of each picture, in its own pixels.
        distractors: Categories of each picture's look-alikes.
        known: Where all of that is known (batch); the others are left out of loss and scores.
    """

    boxes: list[Boxes]
    distractors: list[tuple[str, ...]]
    known: Bool[np.ndarray, " b"]

    def captions(self, boxes: Sequence[Corners], width: int, noun: str) -> list[str]:
        """Return the caption of each picture, of whose targets those have been moved out that have no area any more.

        Args:
            boxes: Of each picture as it is now.
            width: Of the pictures, pixels.
            noun: What every target is called.
        """
        found = []
        for own, now, beside in zip(self.boxes, boxes, self.distractors, strict=True):
            shown = np.flatnonzero((now[:, 2:] - now[:, :2] >= 1).all(1))
            found.append(caption_of(now[shown], [own.categories[place] for place in shown], beside, width, noun))
        return found


class Captioned:
    """Collates boxes and look-alikes into `CaptionTargets`. Of a picture with hidden targets no caption is known."""

    columns: frozenset[Column] = frozenset({"boxes", "ignore", "distractors"})

    def room(self, count: int, size: Size, memory: BatchMemory) -> CaptionTargets:
        """Make lists of as many places."""
        return CaptionTargets([Boxes.of((), ())] * count, [()] * count, np.zeros(count, bool))

    def put(self, targets: CaptionTargets, place: int, truth: Truth) -> None:
        """Keep what is known."""
        if truth.boxes is None or truth.distractors is None:
            return
        targets.boxes[place], targets.distractors[place] = truth.boxes, truth.distractors
        targets.known[place] = truth.ignore is None or not truth.ignore.any()
