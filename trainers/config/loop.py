"""The loop's fields: what every training is told, whatever it learns. No torch in here."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import Field, ValidationInfo, field_validator, model_validator

from synthgen.core.config import Model
from synthgen.core.paths import resolve_path
from trainers.config.crop import Crop
from trainers.config.file_name import FileName, file_name
from trainers.config.photographs import PhotographSource
from trainers.config.weights import Weights

__all__ = ["FINETUNING_RATE", "PRETRAINED_RATE", "Precision", "Side", "TrainingConfig"]

Precision = Literal["auto", "32-true", "bf16-mixed", "16-mixed"]
Side = Annotated[int, Field(ge=1, le=8192)]

PRETRAINED_RATE = 0.05
"""`encoder_rate` of an encoder that begins with weights, unless the config gives one."""

FINETUNING_RATE = 0.1
"""Factor on `learning_rate` of a training that begins with a model."""

FINETUNING_HEAD_FIRST = 0.1
"""`head_first` of such a training, unless the config gives one."""

ROUNDING = 1e-9  # that far from 1, shares written in decimals may add up to


class TrainingConfig(Model):
    """How a network is trained; each task adds its network and its loss.

    Attributes:
        task: What is learnt: "segmentation" (masks), "detection" (boxes), "classification" (does the picture show a
            target?) or "contrastive" (which caption goes with the picture?).
        name: Folder of its results: letters, digits, `.`, `_`, `-`, `+`, `=`; by default made from the task's own
            keys.
        weights: What the encoder begins with: "none", "imagenet" (from the hub), or a file of encoder weights: a
            state dict of torchvision, timm or segmentation-models-pytorch.
        finetune: A `model.pt` of the same network that training begins with; then `weights` are not read, rates are
            a tenth of those given, and `head_first` is 0.1 unless it is given, where there is an encoder that
            learns.
        photographs: Photographs to learn from beside the dataset. Where their shares add up to 1, no dataset is
            needed.
        freeze_encoder: Leave the encoder's weights alone.
        unfreeze_epoch: Epoch after which a frozen encoder learns, too; 0 for never.
        freeze_batch_norm: Leave the encoder's batch-norm statistics alone; by default true where the encoder begins
            with weights, and false where it begins with random ones.
        head_first: Share of the steps in which only the new layers learn; after them the encoder learns, too.
        epochs: Passes over the training split.
        steps: Steps of the optimiser after which training ends, within an epoch, too, whatever `epochs` says; 0 for
            as many as the epochs take.
        batch_size: Samples in a batch.
        accumulate: Batches whose gradients make one step.
        optimizer: "adamw", or "sgd" with a momentum of 0.9.
        learning_rate: Of the optimizer; with a schedule, the highest.
        encoder_rate: Factor on `learning_rate` for the encoder; by default 0.05 where it begins with weights, and 1
            where it begins with random ones.
        weight_decay: Of the optimizer; 0 makes AdamW Adam.
        decay_norms: Whether weights and offsets of norms decay, too.
        schedule: "onecycle" rises to the rate for 30 % of the steps and falls. "cosine" falls to 0, after it rose
            for the share `warmup` of the steps; so does "poly", as the share of the steps that is left, to the power
            of 0.9. "constant" stays. Each group of parameters peaks at its own rate.
        warmup: Share of the steps in which the rate of "cosine" or "poly" rises from 0.
        rate_floor: Share of the rate at which "cosine" ends, instead of 0.
        ema: Decay of the moving average of weights that is scored and kept; it grows to that, step n of it is (1 +
            n) / (10 + n). 0 for the weights themselves.
        patience: Epochs without a better validation score after which training stops; 0 for all epochs.
        compile: Compile the network; the first steps take minutes.
        deterministic: Refuse operations that vary from run to run.
        samples: Learn from the first ones of the training split only; 0 for all.
        positive_share: Share of samples with a target among those drawn, in every stretch of an epoch; 0 for as
            they come.
        size: Height and width of the pictures that the network sees, by default the dataset's. Whole pictures are
            fitted in, with black beside them, in validation, too.
        crop: Random resized crops of training pictures; without it, whole pictures.
        augment: Mirror half of the training pictures, vary two in three in light, and now and then blur, add noise,
            take the colour or compress (JPEG). "ssd" mirrors half, and distorts brightness, contrast, saturation and
            hue as SSD does. Or a list of kornia's augmentations, which run on the device:
            `[{RandomHorizontalFlip: {p: 0.5}}, {RandomAffine: {degrees: 15}}]`.
        albumentations: A pipeline, as its `to_dict` writes it, which runs on the CPU as samples are loaded.
        tensorboard: Log for TensorBoard, too, into `tensorboard/`.
        precision: Lightning's name, or "auto": "bf16-mixed" on a GPU or CPU that computes with bfloat16
            (AVX512-BF16, AMX), else "32-true".
        device: Where the network is trained.
        devices: How many devices; each has a process that takes batches of its own.
        threads: Decoding threads.
        seed: Of initial weights, order and augmentation.
    """

    task: str
    name: FileName = ""
    weights: Weights = "none"
    finetune: str = ""
    photographs: tuple[PhotographSource, ...] = ()
    freeze_encoder: bool = False
    unfreeze_epoch: int = Field(default=0, ge=0)
    freeze_batch_norm: bool | None = None
    head_first: float = Field(default=0.0, ge=0, lt=1)
    epochs: int = Field(default=3, ge=1)
    steps: int = Field(default=0, ge=0)
    batch_size: int = Field(default=32, ge=1)
    accumulate: int = Field(default=1, ge=1)
    optimizer: Literal["adamw", "sgd"] = "adamw"
    learning_rate: float = Field(default=1e-3, gt=0)
    encoder_rate: float | None = Field(default=None, gt=0)
    weight_decay: float = Field(default=1e-4, ge=0)
    decay_norms: bool = True
    schedule: Literal["constant", "cosine", "onecycle", "poly"] = "onecycle"
    warmup: float = Field(default=0.0, ge=0, lt=1)
    rate_floor: float = Field(default=0.0, ge=0, lt=1)
    ema: float = Field(default=0.0, ge=0, lt=1)
    patience: int = Field(default=0, ge=0)
    compile: bool = False
    deterministic: bool = False
    samples: int = Field(default=0, ge=0)
    positive_share: float = Field(default=0.0, ge=0, lt=1)
    size: tuple[Side, Side] | None = None
    crop: Crop | None = None
    augment: Literal["ssd"] | bool | tuple[dict[str, dict[str, Any]], ...] = True
    albumentations: dict[str, Any] | None = None
    tensorboard: bool = False
    precision: Precision = "auto"
    device: Literal["auto", "cpu", "gpu"] = "auto"
    devices: int = Field(default=1, ge=1)
    threads: int = Field(default=2, ge=1)
    seed: int = Field(default=0, ge=0)

    @property
    def title(self) -> str:
        """The name, or one made from the task's own fields."""
        return self.name or self._short_name()

    @property
    def pretrained(self) -> bool:
        """Whether the network has an encoder that begins with weights."""
        return self.weights != "none"

    @property
    def has_encoder(self) -> bool:
        """Whether the network has an encoder that may learn later than its head."""
        return not self.freeze_encoder

    @property
    def rate(self) -> float:
        """Highest rate of the new layers."""
        return self.learning_rate * (FINETUNING_RATE if self.finetune else 1.0)

    @property
    def dataset_share(self) -> float:
        """Share of the dataset in every stretch of an epoch, that the photographs leave."""
        left = 1 - sum(source.share for source in self.photographs)
        return left if left > ROUNDING else 0.0

    def decided(self) -> Self:
        """Return the same training with what follows from its weights, or from a model, spelled out."""
        rate = PRETRAINED_RATE if self.pretrained else 1.0
        frozen = self.pretrained if self.freeze_batch_norm is None else self.freeze_batch_norm
        waits = self.finetune and self.has_encoder and self.devices == 1 and "head_first" not in self.model_fields_set
        return self.model_copy(
            update={
                "encoder_rate": self.encoder_rate or rate,
                "freeze_batch_norm": frozen,
                "head_first": FINETUNING_HEAD_FIRST if waits else self.head_first,
            }
        )

    def published(self) -> Self:
        """Return the same without the folders of whoever trained: of files the names only."""
        own = [source.published() for source in self.photographs]
        names = {name: Path(getattr(self, name)).name for name in ("weights", "finetune")}
        return self.model_copy(update={**names, "photographs": tuple(own)})

    @property
    def begins_with(self) -> str:
        """What it begins with, without anybody's folders."""
        return Path(self.weights).name

    def found_beside(self, folder: Path) -> Self:
        """Return what `published` returned, with what lies beside the model in `folder`.

        Raises:
            TrainingError: It is not there.
        """
        return self

    def bare(self) -> Self:
        """Return the same network, for whoever does not train it: without weights from elsewhere, and not compiled."""
        return self.model_copy(update={"weights": "none", "compile": False})

    def _short_name(self) -> str:
        return self.task

    @field_validator("finetune", mode="before")  # while the text still tells whether it was typed on the command line
    @classmethod
    def _model_at_hand(cls, finetune: Any, info: ValidationInfo) -> Any:
        if not finetune or not isinstance(finetune, str):
            return finetune
        path = resolve_path(finetune, info)
        if info.context and not path.is_file():
            raise ValueError(f"{path}: no such file; give a model.pt made by `synthgen train`")
        return str(path)

    @model_validator(mode="after")
    def _shares_fit(self) -> TrainingConfig:
        shares = sum(source.share for source in self.photographs)
        if shares > 1 + ROUNDING:
            raise ValueError(f"photographs: shares add up to {shares:g}; at most 1, as the dataset has what they leave")
        if self.photographs and self.positive_share:
            raise ValueError("positive_share goes by a dataset alone; set it to 0, or leave photographs out")
        return self

    @model_validator(mode="after")
    def _has_a_folder(self) -> TrainingConfig:
        file_name(self.title)  # an encoder's name may hold a slash
        return self

    @model_validator(mode="after")
    def _unfreezable(self) -> TrainingConfig:
        if self.unfreeze_epoch and not self.freeze_encoder:
            raise ValueError("unfreeze_epoch goes with freeze_encoder")
        if self.unfreeze_epoch and self.devices > 1:
            raise ValueError("unfreeze_epoch goes with one device: what learns later would not be shared")
        return self

    @model_validator(mode="after")
    def _head_can_go_first(self) -> TrainingConfig:
        if self.head_first and self.freeze_encoder:
            raise ValueError("head_first goes without freeze_encoder: give one of them")
        if self.head_first and self.devices > 1:
            raise ValueError("head_first goes with one device: what learns later would not be shared")
        return self

    @model_validator(mode="after")
    def _warms_up_what_falls(self) -> TrainingConfig:
        if self.warmup and self.schedule not in ("cosine", "poly"):
            raise ValueError(f"warmup goes with schedule cosine or poly, and this one is {self.schedule}")
        if self.rate_floor and self.schedule != "cosine":
            raise ValueError(f"rate_floor goes with schedule cosine, and this one is {self.schedule}")
        return self
