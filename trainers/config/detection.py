"""What a training of detection is told beside the loop. No torch in here."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from trainers.config.classes import ClassesConfig
from trainers.config.loop import TrainingConfig
from trainers.config.registry import DETECTORS, OneOf

__all__ = ["DetectionConfig"]

WITH_MASKS = "mask_rcnn"


class DetectionConfig(ClassesConfig, TrainingConfig):
    """One network that finds a box, and perhaps a mask, of each target.

    Attributes:
        network: Name in the registry of detectors.
        encoder: Any that segmentation-models-pytorch knows, timm's among them after "tu-"; and torchvision's
            "alexnet" and "squeezenet1_0".
        boxes: What is to be found: a box around what is seen of a target, or around all of it that lies in the frame,
            whatever hides it. Photographs know the former alone.
        width: Channels of the feature pyramid and of the heads above it; "ssdlite" has none.
        batch_size: Samples in a step; a detector learns from many regions of each.
    """

    task: Literal["detection"] = "detection"
    network: Annotated[str, OneOf(DETECTORS)] = "faster_rcnn"
    encoder: str = "mobilenet_v2"
    boxes: Literal["visible", "amodal"] = "visible"
    width: int = Field(default=128, ge=8, le=512)
    batch_size: int = Field(default=8, ge=1)

    @property
    def learns_masks(self) -> bool:
        """Whether the network gives a mask for each box."""
        return self.network == WITH_MASKS

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
        if self.photographs and self.learns_masks and not self.dataset_share and not self.finetune:
            raise ValueError(
                "network mask_rcnn learns masks from a dataset, and photographs with boxes have all of every epoch; "
                "give a dataset a share, begin with a model, or use faster_rcnn"
            )
        return self

    def _short_name(self) -> str:
        return f"{self.network}-{self.encoder}"
