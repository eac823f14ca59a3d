"""Masks of classes out of masks of instances: which class each pixel shows, and nothing of what is dropped."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from jaxtyping import Bool

from synthgen.core.errors import TrainingError
from synthgen.core.picture import Truth
from synthgen.core.types import RGB, InstanceMask, Size
from trainers.config.classes import ClassesConfig
from trainers.loading.seen import positives_of
from trainers.loading.source import ShardSource, Source
from trainers.loading.targets import Collate, Masked

__all__ = ["Classed", "by_class", "class_mask", "knows_classes", "of_classes"]


def knows_classes(truth: Truth, classes: ClassesConfig) -> bool:
    """Tell whether a truth says which of the classes each pixel shows; of a single class every mask does."""
    if truth.mask is None or not classes.names:
        return False
    return len(classes.names) == 1 or (truth.boxes is not None and truth.boxes.numbers is not None)


def class_mask(truth: Truth, classes: ClassesConfig) -> InstanceMask:
    """Return the mask (h, w) with the number of its class, from 1, for each pixel; 0 where none of them is shown.

    Raises:
        TrainingError: Nothing says which class its pixels show.
    """
    assert truth.mask is not None, "asked of pictures with a mask"
    if not knows_classes(truth, classes) and truth.mask.any():
        raise TrainingError(
            f"a mask does not say which of {', '.join(classes.names)} its pixels show; "
            "give a generated dataset, boxes with categories, or classes: one"
        )
    boxes, table = truth.boxes, np.zeros(256, np.uint8)
    if boxes is None or boxes.numbers is None:
        return (truth.mask > 0).astype(np.uint8)
    for number, category in zip(boxes.numbers, boxes.categories, strict=True):
        place = classes.number_of(category)
        table[number] = 0 if place is None else place + 1
    found: InstanceMask = table[truth.mask]
    return found


def by_class(source: Source, collate: Collate | None) -> Source:
    """Return a source of pictures as it is, or with masks of classes where `collate` tells classes apart."""
    if isinstance(collate, Masked) and collate.classes.names:
        return Classed(source, collate.classes)
    return source


def of_classes(truth: Truth, classes: ClassesConfig) -> Truth:
    """Return the truth without targets of categories that are none of the classes; all are where they have no names."""
    boxes = truth.boxes
    if not classes.names or boxes is None:
        return truth
    kept = boxes.select(np.array([classes.number_of(category) is not None for category in boxes.categories], bool))
    if truth.mask is None or boxes.numbers is None:
        return replace(truth, boxes=kept)
    return replace(truth, mask=np.where(class_mask(truth, classes) > 0, truth.mask, 0).astype(np.uint8), boxes=kept)


@dataclass(frozen=True, slots=True, eq=False)
class Classed:
    """Another source with masks of classes instead of instances, whose boxes are not needed any more.

    It stands below whatever moves the pixels, so that nothing but the mask has to be moved.

    Attributes:
        source: Gives masks with the boxes that name them.
        classes: That are told apart.
    """

    source: Source
    classes: ClassesConfig

    @property
    def size(self) -> Size:
        """(height, width) of all pictures."""
        return self.source.size

    def __len__(self) -> int:
        """Samples of the source."""
        return len(self.source)

    def positive(self) -> Bool[np.ndarray, " n"]:
        """Return which samples show one of the classes.

        Raises:
            TrainingError: The source cannot tell.
        """
        found = positives_of(self.source).copy()
        if isinstance(self.source, ShardSource):
            for row in np.flatnonzero(found):
                shown = self.source.categories(int(row))
                found[row] = any(self.classes.number_of(category) is not None for category in shown)
        return found

    def read(self, row: int, image: RGB, epoch: int) -> Truth:
        """Read the sample; name its pixels by class."""
        truth = self.source.read(row, image, epoch)
        return truth if truth.mask is None else replace(truth, mask=class_mask(truth, self.classes), boxes=None)
