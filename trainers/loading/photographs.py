"""Photographs as a source: read, of one kind of annotation, each shown at the size that the network sees."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from synthgen.core.errors import TrainingError
from synthgen.core.picture import Picture, Samples, Truth
from synthgen.core.types import RGB, Size
from synthgen.formats.coco import read_coco
from synthgen.formats.folder import read_folder
from synthgen.formats.labels import read_labels
from synthgen.formats.photograph import PhotographSamples
from trainers.config.crop import Crop
from trainers.config.photographs import Annotation, PhotographSource
from trainers.loading.targets import Column
from trainers.loading.view import Fitted, RandomCrop, View

__all__ = ["READERS", "Evenly", "Photographs", "annotated", "open_photographs"]

READERS: Mapping[Annotation, Callable[[Path, Any], PhotographSamples]] = {
    "masks": read_folder,
    "boxes": read_coco,
    "labels": read_labels,
}
"""Take the folder of photographs and the file or folder of what is annotated on them."""


def annotated(source: PhotographSource) -> Samples:
    """Return the photographs of a source, or as many of them as it asks for, evenly spaced.

    Raises:
        DatasetError: They, or what is annotated, cannot be read.
        TrainingError: There are fewer than asked for.
    """
    samples: Samples = READERS[source.annotation](source.images, getattr(source, source.annotation))
    if source.samples > len(samples):
        raise TrainingError(
            f"{source.images}: {source.samples} photographs asked for, {len(samples)} present; ask for fewer"
        )
    return Evenly(samples, source.samples) if source.samples else samples


def open_photographs(
    source: PhotographSource, columns: frozenset[Column], *, size: Size, crop: Crop | None, seed: int
) -> Photographs:
    """Return the photographs of a source for targets that are made of `columns`.

    Raises:
        DatasetError: They, or what is annotated, cannot be read.
        TrainingError: There are fewer than asked for, or none of them shows a target.
    """
    samples = annotated(source)
    if not any(samples[index].truth.label for index in range(len(samples))):
        raise TrainingError(
            f"{source.images}: none of {len(samples)} photographs shows a target; annotate some, or leave them out"
        )
    view: View = Fitted(size, source.fit) if crop is None else RandomCrop(size, crop, seed, source.fit)
    labelled = "label" in columns
    annotation = "labels" if labelled and "mask" not in columns else source.annotation
    return Photographs(samples, annotation, view, labelled)


class Evenly:
    """So many samples of others, evenly spaced."""

    def __init__(self, samples: Samples, count: int) -> None:
        """Choose `count` of them, at most all."""
        self._samples, self._count = samples, count

    def __len__(self) -> int:
        """Samples chosen."""
        return self._count

    def __getitem__(self, index: int, /) -> Picture:
        """Return sample `index` of those chosen."""
        if not 0 <= index < self._count:
            raise IndexError(index)
        return self._samples[index * len(self._samples) // self._count]


@dataclass(frozen=True, slots=True, eq=False)
class Photographs:
    """Annotated photographs, each of a size of its own, through a view.

    Attributes:
        samples: The photographs.
        annotation: Which part of their truth is learnt from.
        view: What becomes of them.
        labelled: Whether labels are learnt from, too.
    """

    samples: Samples
    annotation: Annotation
    view: View
    labelled: bool = False

    @property
    def size(self) -> Size:
        """(height, width) of what the view gives."""
        return self.view.size

    def __len__(self) -> int:
        """Number of photographs."""
        return len(self.samples)

    def read(self, row: int, image: RGB, epoch: int) -> Truth:
        """Read the photograph; write what the view shows of it."""
        picture: Picture = self.samples[row]
        image[:], truth = self.view(picture.image, _known(picture, self.annotation), epoch, row)
        return replace(truth, label=picture.truth.label) if self.labelled else truth


def _known(picture: Picture, annotation: Annotation) -> Truth:
    """Return the truth without what is not learnt from; crowds, which nobody counted, only as what is ignored."""
    truth = picture.truth
    if annotation == "masks":
        return Truth(mask=truth.mask, ignore=truth.ignore)
    if annotation == "boxes" and truth.boxes is not None:
        return Truth(boxes=truth.boxes.select(~truth.boxes.crowd), ignore=truth.ignore)
    return Truth(label=truth.label)
