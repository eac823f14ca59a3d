"""What a training of segmentation is told beside the loop. No torch in here."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from trainers.config.classes import ClassesConfig
from trainers.config.loop import TrainingConfig
from trainers.config.registry import LOSSES, NETWORKS, OneOf

__all__ = ["SegmentationConfig"]

WITHOUT_ENCODER = "plain_unet"


class SegmentationConfig(ClassesConfig, TrainingConfig):
    """One network that tells target pixels from all others, and of several classes which one each is of.

    Attributes:
        overlap: Of several classes, whether a pixel may be of more than one: each class then has a mask of its own, by
            sigmoid. Otherwise a pixel is of one class or of the background, by softmax.
        network: "unet", "unetplusplus", "fpn", "deeplabv3plus" and "segformer" are those of
            segmentation-models-pytorch, over an encoder. "plain_unet" is that of Ronneberger et al. 2015.
            "transfer" is the study's: a frozen encoder, and a small decoder without skips.
        encoder: Of all but "plain_unet": any name that segmentation-models-pytorch lists, such as "efficientnet-b0"
            or "densenet121", or one of timm's after "tu-"; of "transfer": "efficientnet-b0", "mobilenet_v2" or
            "densenet121".
        width: Base width of "plain_unet" and of the decoder of "transfer".
        kernel: Side of the convolutions of "plain_unet" and of the decoder of "transfer".
        batch_norm: Whether these convolutions are normalised.
        activation: Of the decoder of "transfer"; "own" is relu for EfficientNet, leaky_relu for MobileNet, elu for
            DenseNet.
        alpha: Slope of "leaky_relu" below 0.
        loss: "tversky" weighs misses by 0.7; "boundary" is added to dice.
    """

    task: Literal["segmentation"] = "segmentation"
    overlap: bool = False
    network: Annotated[str, OneOf(NETWORKS)] = "unet"
    encoder: str = "mobilenet_v2"
    width: int = Field(default=16, ge=1, le=256)
    kernel: int = Field(default=3, ge=1, le=11)
    batch_norm: bool = True
    activation: Literal["own", "relu", "leaky_relu", "elu"] = "own"
    alpha: float = Field(default=0.1, ge=0, le=1)
    loss: Annotated[str, OneOf(LOSSES)] = "bce_dice"

    @model_validator(mode="after")
    def _has_several_classes(self) -> SegmentationConfig:
        if self.overlap and self.classes == "one":
            raise ValueError("overlap is of several classes; give classes: categories, or their names")
        return self

    @model_validator(mode="after")
    def _photographs_tell_classes(self) -> SegmentationConfig:
        """Of one class by name a mask is as good as boxes are: whatever is annotated is of it."""
        unnamed = [source for source in self.photographs if source.annotation != "boxes"]
        if unnamed and self.classes != "one" and len(self.names) != 1:
            raise ValueError(
                f"photographs: {unnamed[0].annotation} of {unnamed[0].images} do not say which class a target is of; "
                "give boxes, whose categories do, or classes: one"
            )
        return self

    @model_validator(mode="after")
    def _transfer_stays_frozen(self) -> SegmentationConfig:
        later = "unfreeze_epoch" if self.unfreeze_epoch else "head_first" if self.head_first else ""
        if later and self.network == "transfer":
            raise ValueError(f"{later} does not go with network transfer, whose encoder stays frozen")
        return self

    @model_validator(mode="after")
    def _has_a_head(self) -> SegmentationConfig:
        if self.head_first and self.network == WITHOUT_ENCODER:
            raise ValueError(f"head_first does not go with network {WITHOUT_ENCODER}, which has no encoder")
        return self

    @property
    def softmax(self) -> bool:
        """Whether classes exclude each other, and background is one more output, the first."""
        return self.outputs > 1 and not self.overlap

    @property
    def channels(self) -> int:
        """Outputs of the network for each pixel: one a class, and with softmax the background's before them."""
        return self.outputs + self.softmax

    @property
    def pretrained(self) -> bool:
        """Whether the network has an encoder that begins with weights."""
        return super().pretrained and self.network != WITHOUT_ENCODER

    @property
    def has_encoder(self) -> bool:
        """Whether the network has an encoder that may learn later than its head."""
        return super().has_encoder and self.network not in (WITHOUT_ENCODER, "transfer")

    def _short_name(self) -> str:
        return self.network if self.network == WITHOUT_ENCODER else f"{self.network}-{self.encoder}"
