"""What a training of classification is told beside the loop. No torch in here."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import model_validator

from trainers.config.loop import TrainingConfig
from trainers.config.registry import CLASSIFIERS, OneOf

__all__ = ["ClassificationConfig"]


class ClassificationConfig(TrainingConfig):
    """One network that tells pictures with a target from those without.

    Attributes:
        network: "timm" is an encoder below one linear layer. "resnet50" and "vgg16" are torchvision's, below a hidden
            layer of 512 units.
        encoder: Of "timm": any classifier that timm lists, or else an encoder of segmentation-models-pytorch, such as
            "mobilenet_v2", whose files of weights are torchvision's.
    """

    task: Literal["classification"] = "classification"
    network: Annotated[str, OneOf(CLASSIFIERS)] = "timm"
    encoder: str = "mobilenetv3_small_100"

    @model_validator(mode="after")
    def _whole_pictures(self) -> ClassificationConfig:
        if self.crop is not None:
            raise ValueError("crop does not go with classification: a crop may leave out what the label tells of")
        return self

    def _short_name(self) -> str:
        return f"classifier-{self.encoder if self.network == 'timm' else self.network}"
