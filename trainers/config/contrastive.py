"""What a contrastive training of pictures and captions is told beside the loop. No torch in here."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, model_validator

from trainers.config.loop import Side, TrainingConfig

__all__ = ["ContrastiveConfig"]

STRIDE = 32  # of a ResNet; a multiple of the transformer's patches


class ContrastiveConfig(TrainingConfig):
    """One small CLIP that tells which caption goes with which picture.

    Attributes:
        network: Its image tower: "vit", six layers of width 192 over patches of 8 pixels, or "resnet", the ResNet of
            CLIP with a block a stage and width 32.
        noun: What every target is called in captions, before its category.
        context: Tokens that a caption may have, its start and its end among them.
        batch_size: Pictures that a step tells apart.
        size: Height and width of the pictures that the network sees, the same multiple of 32.
    """

    task: Literal["contrastive"] = "contrastive"
    network: Literal["vit", "resnet"] = "vit"
    noun: str = Field(default="weapon", min_length=1)
    context: int = Field(default=24, ge=8, le=77)
    batch_size: int = Field(default=64, ge=2)
    size: tuple[Side, Side] = (96, 96)

    @model_validator(mode="after")
    def _square(self) -> ContrastiveConfig:
        if self.size[0] != self.size[1] or self.size[0] % STRIDE:
            raise ValueError(f"size is {self.size[0]}×{self.size[1]}; give the same multiple of {STRIDE} twice")
        return self

    @model_validator(mode="after")
    def _has_captions(self) -> ContrastiveConfig:
        if self.photographs:
            raise ValueError("photographs do not go with contrastive: captions are made of a dataset's scenes")
        if self.crop is not None:
            raise ValueError("crop does not go with contrastive: a crop may leave out what the caption tells of")
        return self

    @model_validator(mode="after")
    def _begins_at_random(self) -> ContrastiveConfig:
        if self.weights != "none":
            raise ValueError("weights do not go with contrastive, which learns both towers from random ones")
        return self

    def _short_name(self) -> str:
        return f"clip-{self.network}"
