"""Photographs that a training learns from beside its dataset: where they lie, and what is known of them. No torch."""

from __future__ import annotations

from pathlib import Path
from typing import Literal, get_args

from pydantic import Field, model_validator

from synthgen.core.config import Model
from synthgen.core.letterbox import Fit
from synthgen.core.paths import LocalFile, LocalFolder

__all__ = ["Annotation", "PhotographSource"]

Annotation = Literal["masks", "boxes", "labels", "pseudo_masks"]

ANNOTATIONS: tuple[Annotation, ...] = get_args(Annotation)


class PhotographSource(Model):
    """Photographs of one kind of annotation.

    Attributes:
        images: Folder of the photographs.
        masks: Folder of their masks: same stems, PNG, above 0 = foreground. Give one of `masks`, `boxes`,
            `labels` and `pseudo_masks`.
        boxes: COCO JSON of their boxes. A segmenter learns from them by a loss of its own: how far a target reaches
            is known, and what lies in no box is background.
        labels: CSV with the columns `file` and `label`: 1 where a target is seen, 0 where none is.
        pseudo_masks: Table that `synthgen pseudo-label` made of them. Valid rows are learnt from like masks, others by
            their label where the table has one, or not at all.
        share: Of the samples in every stretch of an epoch. The dataset has what the sources leave.
        samples: Learn from so many of them, evenly spaced; 0 for all.
        fit: How they come into the network's frame: "letterbox" (whole, with black bars) or "stretch" (squeezed).
    """

    images: LocalFolder
    masks: LocalFolder | None = None
    boxes: LocalFile | None = None
    labels: LocalFile | None = None
    pseudo_masks: LocalFile | None = None
    share: float = Field(default=0.5, gt=0, le=1)
    samples: int = Field(default=0, ge=0)
    fit: Fit = "letterbox"

    @property
    def annotation(self) -> Annotation:
        """What is known of them."""
        return next(name for name in ANNOTATIONS if getattr(self, name) is not None)

    def published(self) -> PhotographSource:
        """Return the same without the folders of whoever has them."""
        names = {name: getattr(self, name) for name in ("images", *ANNOTATIONS)}
        return self.model_copy(update={name: Path(path.name) for name, path in names.items() if path is not None})

    @model_validator(mode="after")
    def _annotated_once(self) -> PhotographSource:
        if sum(getattr(self, name) is not None for name in ANNOTATIONS) != 1:
            raise ValueError("photographs go with one of masks, boxes, labels and pseudo_masks")
        return self
