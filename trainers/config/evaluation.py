"""The section `evaluation` of pipeline.yaml. No torch in here: validated before generation."""

from __future__ import annotations

from pydantic import Field, model_validator

from synthgen.core.config import Model
from synthgen.core.paths import LocalFile, LocalFolder
from synthgen.core.types import Split

__all__ = ["EvaluationConfig"]


class EvaluationConfig(Model):
    """How trained networks are scored.

    Attributes:
        split: Of the dataset.
        threshold: Probability from which a pixel counts as foreground.
        pictures: Rows in the sheet of predictions.
        images: Folder of photographs, scored as well; with `masks` or `boxes`.
        masks: Folder of their masks: same stems, above 0 = foreground.
        boxes: COCO JSON of their boxes.
        min_area: Least area of a found instance that has a box, as a share of the frame.
    """

    split: Split = "test"
    threshold: float = Field(default=0.5, gt=0, lt=1)
    pictures: int = Field(default=8, ge=1, le=64)
    images: LocalFolder | None = None
    masks: LocalFolder | None = None
    boxes: LocalFile | None = None
    min_area: float = Field(default=0.0001, ge=0, lt=1)

    @model_validator(mode="after")
    def _pair(self) -> EvaluationConfig:
        if (self.images is None) != (self.masks is None and self.boxes is None):
            raise ValueError("images go together with masks, boxes, or both")
        return self
