"""What a training of detection is told beside the loop. No torch in here."""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self

from pydantic import Field, ValidationInfo, field_validator, model_validator

from synthgen.core.paths import resolve_path
from trainers.config.classes import ClassesConfig
from trainers.config.loop import TrainingConfig
from trainers.config.registry import DETECTORS, OneOf

__all__ = ["DetectionConfig"]

WITH_MASKS = "mask_rcnn"
WITH_PROPOSALS = ("fast_rcnn", "rcnn")


class DetectionConfig(ClassesConfig, TrainingConfig):
    """One network that finds a box, and perhaps a mask, of each target.

    Attributes:
        network: Name in the registry of detectors.
        encoder: Any that segmentation-models-pytorch knows, timm's among them after "tu-"; and torchvision's
            "alexnet" and "squeezenet1_0".
        boxes: What is to be found: a box around what is seen of a target, or around all of it that lies in the frame,
            whatever hides it. Photographs know the former alone.
        width: Channels of the feature pyramid and of the heads above it; "ssdlite" has none. "fast_rcnn" and "rcnn"
            have four times as many features of a region; over "alexnet" they have its own 4096.
        proposals: Folder in which "fast_rcnn" and "rcnn" keep the regions that selective search finds; by default one
            in the user's cache.
        batch_size: Samples in a step; a detector learns from many regions of each.
    """

    task: Literal["detection"] = "detection"
    network: Annotated[str, OneOf(DETECTORS)] = "faster_rcnn"
    encoder: str = "mobilenet_v2"
    boxes: Literal["visible", "amodal"] = "visible"
    width: int = Field(default=128, ge=8, le=512)
    proposals: str = ""
    batch_size: int = Field(default=8, ge=1)

    @property
    def learns_masks(self) -> bool:
        """Whether the network gives a mask for each box."""
        return self.network == WITH_MASKS

    @property
    def needs_proposals(self) -> bool:
        """Whether the network says what lies in regions that are found before."""
        return self.network in WITH_PROPOSALS

    def published(self) -> Self:
        """Return the same without the folders of whoever trained."""
        return super().published().model_copy(update={"proposals": ""})

    @field_validator("proposals", mode="before")  # while the text still tells whether it was typed on the command line
    @classmethod
    def _resolved(cls, proposals: Any, info: ValidationInfo) -> Any:
        return str(resolve_path(proposals, info)) if proposals and isinstance(proposals, str) else proposals

    @model_validator(mode="after")
    def _has_proposals(self) -> DetectionConfig:
        if self.proposals and not self.needs_proposals:
            raise ValueError(f"proposals go with {' and '.join(WITH_PROPOSALS)}; {self.network} finds its own")
        if self.needs_proposals and self.crop is not None:
            raise ValueError(f"crop does not go with {self.network}: proposals are found once, in whole pictures")
        if self.needs_proposals and self.devices > 1:
            raise ValueError(f"{self.network} goes with one device: it leaves the last stage of an encoder alone")
        return self

    @model_validator(mode="after")
    def _moves_boxes(self) -> DetectionConfig:
        if self.albumentations is not None:
            raise ValueError("albumentations does not go with detection: it moves no boxes; use augment")
        if self.compile:
            raise ValueError("compile does not go with detection: each step has other numbers of regions")
        return self

    @model_validator(mode="after")
    def _photographs_have_boxes(self) -> DetectionConfig:
        for source in self.photographs:
            if source.annotation != "boxes":
                raise ValueError(f"detection learns from photographs with boxes, not with {source.annotation}")
        if self.photographs and self.boxes == "amodal":
            raise ValueError("boxes: amodal goes without photographs, whose boxes are of what is seen")
        return self

    def _short_name(self) -> str:
        return f"{self.network}-{self.encoder}"
