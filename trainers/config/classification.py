"""What a training of classification is told beside the loop. No torch in here."""

from __future__ import annotations

from typing import Literal

from pydantic import model_validator

from trainers.config.loop import TrainingConfig

__all__ = ["ClassificationConfig"]


class ClassificationConfig(TrainingConfig):
    """One network that tells pictures with a target from those without.

    Attributes:
        encoder: Any classifier that timm lists.
    """

    task: Literal["classification"] = "classification"
    encoder: str = "mobilenetv3_small_100"

    @model_validator(mode="after")
    def _whole_pictures(self) -> ClassificationConfig:
        if self.crop is not None:
            raise ValueError("crop does not go with classification: a crop may leave out what the label tells of")
        return self

    def _short_name(self) -> str:
        return f"classifier-{self.encoder}"
