"""The section `evaluation` of pipeline.yaml. No torch in here: validated before generation."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from pydantic import Field, model_serializer, model_validator

from synthgen.core.config import Model
from synthgen.core.letterbox import Fit
from synthgen.core.paths import LocalFile, LocalFolder, LocalSource
from synthgen.core.types import Split
from trainers.config.domain import Domain
from trainers.config.file_name import FileName
from trainers.config.operating_point import OperatingPoint

__all__ = ["EvaluationConfig"]


class EvaluationConfig(Model):
    """How trained networks are scored.

    Attributes:
        split: Split of the dataset that is scored.
        threshold: Of the operating point; by default, here and for the next three, the model's own.
        closing: Of the operating point.
        least_area: Of the operating point.
        least_score: Of the operating point.
        fit: How pictures of other shapes come into the network's frame: "letterbox" (whole, with black bars) or
            "stretch" (squeezed).
        tta: Average predictions over mirror images and three scales: about 6 times the time.
        pictures: Rows in the sheet of predictions.
        images: Folder of photographs, scored as well; with `masks`, `boxes`, or both. Or a video, or a folder of
            videos, whose frames are scored; with `boxes`.
        masks: Folder of their masks: same stems, PNG, above 0 = foreground.
        boxes: COCO JSON of their boxes; of videos also a JSON of frames.
        domains: Pictures with labels, on which classifiers are scored as well, by the name of the domain: `{street:
            street.csv, studio: studio/}`.
    """

    split: Split = "test"
    threshold: float | None = Field(default=None, gt=0, lt=1)
    closing: float | None = Field(default=None, ge=0, lt=0.5)
    least_area: float | None = Field(default=None, ge=0, lt=1)
    least_score: float | None = Field(default=None, ge=0, lt=1)
    fit: Fit = "letterbox"
    tta: bool = False
    pictures: int = Field(default=8, ge=1, le=64)
    images: LocalSource | None = None
    masks: LocalFolder | None = None
    boxes: LocalFile | None = None
    domains: dict[FileName, Domain] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _pair(self) -> EvaluationConfig:
        if (self.images is None) != (self.masks is None and self.boxes is None):
            raise ValueError("images go together with masks, boxes, or both")
        return self

    @model_serializer(mode="wrap")
    def _as_before(self, handler: Callable[[EvaluationConfig], dict[str, Any]]) -> dict[str, Any]:
        """Leave `domains` out where there are none: studies and experiments of before are known by this text."""
        values = handler(self)
        return values if self.domains else {name: value for name, value in values.items() if name != "domains"}

    def point(self, own: OperatingPoint) -> OperatingPoint:
        """Return a model's own operating point with what is given here in its place."""
        return own.model_copy(update=self.given_point)

    @property
    def given_point(self) -> dict[str, float]:
        """The numbers of an operating point that are given."""
        values = {name: getattr(self, name) for name in OperatingPoint.model_fields}
        return {name: value for name, value in values.items() if value is not None}
