"""The section `training` of pipeline.yaml. No torch in here: validated before generation."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field, RootModel, ValidationInfo, field_validator, model_validator

from synthgen.core.config import Model
from synthgen.core.paths import resolve_path
from trainers.config.file_name import FileName, file_name

__all__ = ["LOSS_NAMES", "NETWORK_NAMES", "TrainingConfig", "TrainingSection"]

Precision = Literal["32-true", "bf16-mixed", "16-mixed"]
# Those of trainers.models.registry and trainers.tasks.segmentation.losses, which need torch.
NETWORK_NAMES = ("unet", "unetplusplus", "fpn", "deeplabv3plus", "segformer", "plain_unet", "transfer")
LOSS_NAMES = ("dice", "bce", "bce_dice", "focal", "tversky", "lovasz", "boundary")


class TrainingConfig(Model):
    """One network and how it is trained.

    Attributes:
        name: Folder of its results; default: network and encoder.
        network: Name in the registry of networks.
        encoder: Encoder of all but "plain_unet": any that segmentation-models-pytorch knows, timm's among them
            after "tu-"; "transfer" knows efficientnet-b0, mobilenet_v2 and densenet121.
        weights: "none", "imagenet" (from the hub), or a local file of encoder weights.
        width: Base width of "plain_unet" and of the decoder of "transfer".
        kernel: Side of their convolutions.
        batch_norm: Whether they normalise.
        activation: Of the decoder of "transfer"; "own" is the study's for that encoder.
        alpha: Slope of leaky_relu below 0.
        loss: Name in the registry of losses.
        freeze_encoder: Leave the encoder's weights alone.
        unfreeze_epoch: Epoch, from 1, after which a frozen encoder learns, too; 0 for never.
        freeze_batch_norm: Leave the encoder's batch-norm statistics alone; wise with small batches.
        epochs: Passes over the training split.
        batch_size: Samples in a step.
        accumulate: Batches whose gradients make one step.
        learning_rate: Of Adam; with a schedule, the highest.
        schedule: "constant"; "cosine", falling to 0; "onecycle", rising first.
        ema: Decay of the moving average of weights that is scored and kept; 0 for the weights themselves.
        patience: Epochs without a better validation IoU after which training stops; 0 for all epochs.
        compile: Compile the network; the first steps take minutes.
        deterministic: Refuse operations that give other numbers each time.
        samples: Learn from the first ones of the training split only; 0 for all.
        positive_share: Share of samples with a target among those drawn; 0 for as they come.
        augment: Mirror and vary the light of training batches; or a list of kornia's augmentations,
            {class: arguments}, which run on the device.
        albumentations: A pipeline, as its to_dict writes it, which runs on the CPU as samples are loaded.
        tensorboard: Log for TensorBoard, too.
        precision: Lightning's name.
        device: "auto", "cpu" or "gpu".
        devices: Of them, each with a process that takes batches of its own.
        threads: Decoding threads.
        seed: Of initial weights, order and augmentation.
    """

    name: FileName = ""
    network: str = "unet"
    encoder: str = "mobilenet_v2"
    weights: str = "none"
    width: int = Field(default=16, ge=1, le=256)
    kernel: int = Field(default=3, ge=1, le=11)
    batch_norm: bool = True
    activation: Literal["own", "relu", "leaky_relu", "elu"] = "own"
    alpha: float = Field(default=0.1, ge=0, le=1)
    loss: str = "dice"
    freeze_encoder: bool = False
    unfreeze_epoch: int = Field(default=0, ge=0)
    freeze_batch_norm: bool = False
    epochs: int = Field(default=3, ge=1)
    batch_size: int = Field(default=32, ge=1)
    accumulate: int = Field(default=1, ge=1)
    learning_rate: float = Field(default=1e-3, gt=0)
    schedule: Literal["constant", "cosine", "onecycle"] = "constant"
    ema: float = Field(default=0.0, ge=0, lt=1)
    patience: int = Field(default=0, ge=0)
    compile: bool = False
    deterministic: bool = False
    samples: int = Field(default=0, ge=0)
    positive_share: float = Field(default=0.0, ge=0, lt=1)
    augment: bool | tuple[dict[str, dict[str, Any]], ...] = True
    albumentations: dict[str, Any] | None = None
    tensorboard: bool = False
    precision: Precision = "32-true"
    device: Literal["auto", "cpu", "gpu"] = "auto"
    devices: int = Field(default=1, ge=1)
    threads: int = Field(default=2, ge=1)
    seed: int = Field(default=0, ge=0)

    @field_validator("network", "loss")
    @classmethod
    def _known(cls, name: str, info: ValidationInfo) -> str:
        known = NETWORK_NAMES if info.field_name == "network" else LOSS_NAMES
        if name not in known:
            raise ValueError(f"unknown {info.field_name} {name!r}; choose one of: {', '.join(known)}")
        return name

    @model_validator(mode="after")
    def _unfreezable(self) -> TrainingConfig:
        if self.unfreeze_epoch and (self.network == "transfer" or not self.freeze_encoder):
            raise ValueError("unfreeze_epoch goes with freeze_encoder, and network transfer stays frozen")
        if self.unfreeze_epoch and self.devices > 1:
            raise ValueError("unfreeze_epoch goes with one device: what learns later would not be shared")
        return self

    @model_validator(mode="after")
    def _has_a_folder(self) -> TrainingConfig:
        file_name(self.title)  # an encoder's name may hold a slash
        return self

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
        return self.name or (self.network if self.network == "plain_unet" else f"{self.network}-{self.encoder}")


class TrainingSection(RootModel[tuple[TrainingConfig, ...]]):
    """A list of networks with distinct names."""

    @model_validator(mode="after")
    def _distinct(self) -> TrainingSection:
        titles = [config.title for config in self.root]
        for title in titles:
            if titles.count(title) > 1:
                raise ValueError(f"two networks are called {title!r}; give one a name of its own")
        return self
