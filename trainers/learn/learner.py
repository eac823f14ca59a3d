"""The loop's side of a training: optimiser, batch norm, unfreezing, augmentation. Nothing of any target."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import lightning
import numpy as np
import torch
from torch import Tensor, nn

from synthgen.core.errors import TrainingError
from trainers.config.loop import TrainingConfig
from trainers.learn.batch_norm import freeze_statistics, norms_of
from trainers.learn.schedule import schedule_of
from trainers.loading.augment import DeviceAugmentation, device_steps
from trainers.loading.targets import Batch
from trainers.models.pixels import prepared, to_channels_first

__all__ = ["Learner"]

Key = tuple[int, ...]
MOMENTUM = 0.9
DRAWS = 3  # a key of its own beside that of augmentation


class Learner(lightning.LightningModule):
    """Trains a network; a task adds the loss of a batch and the scores of the validation split."""

    def __init__(self, network: nn.Module, config: TrainingConfig) -> None:
        """Wrap `network`.

        Raises:
            TrainingError: An encoder is to be frozen or to wait, and there is none; an augmentation is unknown.
        """
        super().__init__()
        self.network = network.to(memory_format=torch.channels_last)  # 1.3 to 1.5 times as fast on a CPU, too
        self.config = config.decided()
        steps = device_steps(config.augment)
        self.augmentation = DeviceAugmentation(steps) if steps else None
        if config.freeze_encoder:
            self.encoder().requires_grad_(False)
        if self.config.head_first or self.config.freeze_batch_norm:
            self.encoder()  # refused before the first step where there is none
        if config.compile:
            self.network.compile()

    @abstractmethod
    def loss_of(self, batch: Batch, key: Key = (0,)) -> Tensor:
        """Return the loss of a batch, a scalar; the batch is augmented by the draws that `key` names.

        With several ranks it is the loss of all their batches as one: see `trainers.learn.ranks.gathered`.
        """

    @abstractmethod
    def validate(self, batch: Batch) -> Tensor:
        """Count a batch for `scores`; return its loss, not augmented."""

    @abstractmethod
    def scores(self) -> dict[str, float]:
        """Return the scores of all that `validate` counted on any rank, and start from zero."""

    @contextmanager
    def drawing(self, key: Key) -> Iterator[None]:
        """Let what a network draws follow from a key, such as dropout; torch's own generators stay as they were."""
        devices = [self.device] if self.device.type == "cuda" else []
        with torch.random.fork_rng(devices=devices):
            torch.manual_seed(int(np.random.SeedSequence(key, spawn_key=(DRAWS,)).generate_state(1)[0]))
            yield

    @property
    def learns(self) -> bool:
        """Whether any parameter learns at some time."""
        return bool(self.groups())

    def groups(self) -> list[dict[str, Any]]:
        """Return the optimiser's groups, with the rate of each, of all parameters that learn at some time.

        The new layers come first, and the encoder is a group of its own.
        """
        config, later = self.config, self.config.unfreeze_epoch > 0
        encoder = getattr(self.network, "encoder", None)
        inner = {*encoder.parameters()} if isinstance(encoder, nn.Module) else set[nn.Parameter]()
        learning = [parameter for parameter in self.parameters() if parameter.requires_grad or later]
        rates = {False: config.rate, True: config.rate * (config.encoder_rate or 1.0)}
        groups = [
            {"params": [p for p in learning if (p in inner) is within], "lr": rate} for within, rate in rates.items()
        ]
        if not config.decay_norms:
            groups = [part for group in groups for part in _parted(group, norms_of(self.network))]
        return [group for group in groups if group["params"]]

    def forward(self, images: Tensor) -> Any:
        """Turn RGB uint8 (b, 3, h, w) into the network's outputs."""
        return self.network(prepared(images.float() / 255))

    def images_of(self, batch: Batch) -> Tensor:
        """Return the images, uint8 (b, 3, h, w), on the module's device."""
        return to_channels_first(batch.images).to(self.device, non_blocking=True)

    def encoder(self) -> nn.Module:
        """Return the network's encoder.

        Raises:
            TrainingError: It has none.
        """
        encoder = getattr(self.network, "encoder", None)
        if not isinstance(encoder, nn.Module):
            raise TrainingError(
                f"{self.config.title}: has no encoder to freeze; set freeze_encoder and freeze_batch_norm to false, "
                "head_first to 0"
            )
        return encoder

    def on_train_epoch_start(self) -> None:
        """Let a frozen encoder learn when its time has come; keep its batch norm in evaluation mode where asked."""
        if self.config.unfreeze_epoch and self.current_epoch >= self.config.unfreeze_epoch:
            self.encoder().requires_grad_(True)
        if self.config.freeze_batch_norm:
            freeze_statistics(self.encoder())

    def on_train_batch_start(self, batch: Batch, batch_index: int) -> None:
        """Let an encoder that waits for the new layers learn when its time has come."""
        if self.config.head_first:
            waits = round(self.config.head_first * self._steps)
            self.encoder().requires_grad_(self.global_step >= waits)

    def training_step(self, batch: Batch, batch_index: int) -> Tensor:
        """Return the loss of one batch.

        Raises:
            TrainingError: It is no number.
        """
        loss = self.loss_of(batch, (self.config.seed, self.current_epoch, batch_index, self.global_rank))
        if not torch.isfinite(loss):
            raise TrainingError(
                f"{self.config.title}: the loss is {loss.item()} at step {self.global_step}; "
                "lower learning_rate or use precision 32-true"
            )
        self.log("train_loss", loss, on_epoch=True, on_step=False, batch_size=batch.step_samples)
        return loss

    def validation_step(self, batch: Batch, batch_index: int) -> None:
        """Count one batch."""
        self.log("val_loss", self.validate(batch), on_epoch=True, batch_size=batch.step_samples)

    def on_validation_epoch_end(self) -> None:
        """Log the scores of the epoch."""
        self.log_dict({f"val_{name}": value for name, value in self.scores().items()})

    def configure_optimizers(self) -> Any:
        """Return the optimiser over the groups, and the schedule of their rates, step by step."""
        optimizer = self._optimizer()
        scheduler = schedule_of(self.config, optimizer, self._steps)
        if scheduler is None:
            return optimizer
        return {"optimizer": optimizer, "lr_scheduler": {"scheduler": scheduler, "interval": "step"}}

    def _optimizer(self) -> torch.optim.Optimizer:
        if self.config.optimizer == "sgd":
            return torch.optim.SGD(self.groups(), momentum=MOMENTUM, weight_decay=self.config.weight_decay)
        return torch.optim.AdamW(self.groups(), weight_decay=self.config.weight_decay)

    @property
    def _steps(self) -> int:
        """Steps of the whole training."""
        return int(self.trainer.estimated_stepping_batches)

    def transfer_batch_to_device(self, batch: Batch, device: torch.device, dataloader_idx: int) -> Batch:
        """Leave the arrays where they are; each step moves what it needs."""
        return batch


def _parted(group: dict[str, Any], norms: set[nn.Parameter]) -> list[dict[str, Any]]:
    """Return a group in two: what decays as the optimiser says, and norms, which do not decay."""
    decaying, staying = ([p for p in group["params"] if (p in norms) is within] for within in (False, True))
    return [{**group, "params": decaying}, {**group, "params": staying, "weight_decay": 0.0}]
