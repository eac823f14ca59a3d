"""The sections `training` and `evaluation` of pipeline.yaml. No torch in here: validated before generation."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, RootModel, ValidationInfo, field_validator, model_validator

from synthgen.core.paths import LocalFolder, resolve_path
from synthgen.core.ranges import Model
from synthgen.core.types import Split

__all__ = ["NETWORK_NAMES", "EvaluationConfig", "TrainingConfig", "TrainingSection"]

Precision = Literal["32-true", "bf16-mixed", "16-mixed"]
NETWORK_NAMES = ("unet", "plain_unet")  # those of trainers.models.registry, which needs torch


class TrainingConfig(Model):
    """One network and how it is trained.

    Attributes:
        name: Folder of its results; default: network and encoder.
        network: Name in the registry of networks.
        encoder: Encoder of "unet": any that segmentation-models-pytorch knows.
        weights: "none", "imagenet" (from the hub), or a local file of encoder weights.
        width: Base width of "plain_unet".
        freeze_encoder: Leave the encoder's weights alone.
        freeze_batch_norm: Leave the encoder's batch-norm statistics alone; wise with small batches.
        epochs: Passes over the training split.
        batch_size: Samples in a step.
        learning_rate: Of Adam.
        augment: Mirror and vary the light of training batches.
        precision: Lightning's name.
        device: "auto", "cpu" or "gpu".
        threads: Decoding threads.
        seed: Of initial weights, order and augmentation.
    """

    name: str = ""
    network: str = "unet"
    encoder: str = "mobilenet_v2"
    weights: str = "none"
    width: int = Field(default=16, ge=1, le=256)
    freeze_encoder: bool = False
    freeze_batch_norm: bool = False
    epochs: int = Field(default=3, ge=1)
    batch_size: int = Field(default=32, ge=1)
    learning_rate: float = Field(default=1e-3, gt=0)
    augment: bool = True
    precision: Precision = "32-true"
    device: Literal["auto", "cpu", "gpu"] = "auto"
    threads: int = Field(default=2, ge=1)
    seed: int = Field(default=0, ge=0)

    @field_validator("network")
    @classmethod
    def _known(cls, network: str) -> str:
        if network not in NETWORK_NAMES:
            raise ValueError(f"unknown network {network!r}; choose one of: {', '.join(NETWORK_NAMES)}")
        return network

    @field_validator("weights")
    @classmethod
    def _at_hand(cls, weights: str, info: ValidationInfo) -> str:
        if weights in ("none", "imagenet"):
            return weights
        path = resolve_path(weights, info)
        if info.context and not path.is_file():
            raise ValueError(f"{path}: no such file; give none, imagenet, or a file of encoder weights")
        return str(path)

    @property
    def title(self) -> str:
        """The name, or one made of network and encoder."""
        return self.name or (f"{self.network}-{self.encoder}" if self.network == "unet" else self.network)


class TrainingSection(RootModel[tuple[TrainingConfig, ...]]):
    """A list of networks with distinct names."""

    @model_validator(mode="after")
    def _distinct(self) -> TrainingSection:
        titles = [config.title for config in self.root]
        for title in titles:
            if titles.count(title) > 1:
                raise ValueError(f"two networks are called {title!r}; give one a name of its own")
        return self


class EvaluationConfig(Model):
    """How trained networks are scored.

    Attributes:
        split: Of the dataset.
        threshold: Probability from which a pixel counts as foreground.
        pictures: Rows in the sheet of predictions.
        images: Folder of photographs, scored as well; with `masks`.
        masks: Folder of their masks: same stems, above 0 = foreground.
    """

    split: Split = "test"
    threshold: float = Field(default=0.5, gt=0, lt=1)
    pictures: int = Field(default=8, ge=1, le=64)
    images: LocalFolder | None = None
    masks: LocalFolder | None = None

    @model_validator(mode="after")
    def _pair(self) -> EvaluationConfig:
        if (self.images is None) != (self.masks is None):
            raise ValueError("images and masks go together; give both or neither")
        return self
