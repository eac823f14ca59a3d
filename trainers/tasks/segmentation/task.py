"""Binary segmentation as a Lightning module: a loss on logits, foreground IoU on the validation split."""

from __future__ import annotations

from typing import Any

import lightning
import numpy as np
import torch
from jaxtyping import UInt8
from torch import Tensor, nn
from torch.optim.lr_scheduler import CosineAnnealingLR, LRScheduler, OneCycleLR

from synthgen.core.errors import TrainingError
from trainers.config.training import TrainingConfig
from trainers.loading.augment import STANDARD, DeviceAugmentation
from trainers.loading.loader import Batch
from trainers.tasks.segmentation.gather import gathered
from trainers.tasks.segmentation.losses import LOSSES
from trainers.tasks.segmentation.scores import MaskScores

__all__ = ["Segmentation", "normalize", "to_channels_first"]

MEAN, STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)  # ImageNet's, which pretrained encoders expect


def normalize(images: Tensor) -> Tensor:
    """Normalise RGB 0–1 (b, 3, h, w) by ImageNet's mean and deviation."""
    mean, std = (images.new_tensor(values).view(1, 3, 1, 1) for values in (MEAN, STD))
    return (images - mean) / std


def to_channels_first(images: UInt8[np.ndarray, "b h w 3"]) -> Tensor:
    """View images as uint8 (b, 3, h, w); in memory they stay as they are, which is torch's `channels_last`."""
    return torch.from_numpy(images).permute(0, 3, 1, 2)


def _prepared(pixels: Tensor) -> Tensor:
    return normalize(pixels).contiguous(memory_format=torch.channels_last)


class Segmentation(lightning.LightningModule):
    """Trains a network on batches of uint8 images and masks."""

    def __init__(self, network: nn.Module, config: TrainingConfig) -> None:
        """Wrap `network`."""
        super().__init__()
        self.network = network.to(memory_format=torch.channels_last)  # 1.3 to 1.5 times as fast on a CPU, too
        self.config = config
        self.loss = LOSSES[config.loss]()
        self._scores = MaskScores()
        steps = STANDARD if config.augment is True else config.augment or ()
        self._augmentation = DeviceAugmentation(steps) if steps else None
        if config.freeze_encoder:
            self._encoder().requires_grad_(False)
        if config.compile:
            self.network.compile()

    def forward(self, images: Tensor) -> Tensor:
        """Turn RGB uint8 (b, 3, h, w) into logits (b, 1, h, w)."""
        logits: Tensor = self.network(_prepared(images.float() / 255))
        return logits

    def on_train_epoch_start(self) -> None:
        """Let a frozen encoder learn when its time has come; keep its batch norm in evaluation mode where asked."""
        if self.config.unfreeze_epoch and self.current_epoch >= self.config.unfreeze_epoch:
            self._encoder().requires_grad_(True)
        if self.config.freeze_batch_norm:
            for module in self._encoder().modules():
                if isinstance(module, nn.BatchNorm2d):
                    module.eval()

    def training_step(self, batch: Batch, batch_index: int) -> Tensor:
        """Return the loss of one batch."""
        key = (self.config.seed, self.current_epoch, batch_index, self.global_rank)
        loss = self.loss_of(*self.to_device(batch), key)
        self.log("train_loss", loss, on_epoch=True, on_step=False, batch_size=batch.step_samples)
        return loss

    def loss_of(self, images: Tensor, masks: Tensor, key: tuple[int, ...] = (0,)) -> Tensor:
        """Return the loss, a scalar, on uint8 images (b, 3, h, w) and masks (b, 1, h, w).

        They are augmented where asked, by the draws that `key` names. With several ranks it is the loss of all their
        batches as one.

        Raises:
            TrainingError: It is no number.
        """
        pixels = images.float() / 255
        if self._augmentation is not None:
            pixels, masks = self._augmentation(pixels, masks, key)
        logits, truth = gathered(self.network(_prepared(pixels)).float(), masks)  # sums over pixels need 32 bits
        loss: Tensor = self.loss(logits, truth.float())
        if not torch.isfinite(loss):
            raise TrainingError(
                f"{self.config.title}: the loss is {loss.item()} at step {self.global_step}; "
                "lower learning_rate or use precision 32-true"
            )
        return loss

    def validation_step(self, batch: Batch, batch_index: int) -> None:
        """Count one batch."""
        images, masks = self.to_device(batch)
        logits = self(images)
        self._scores.update(logits > 0, masks)
        everything, truth = gathered(logits.float(), masks)
        self.log("val_loss", self.loss(everything, truth.float()), on_epoch=True, batch_size=batch.step_samples)

    def on_validation_epoch_end(self) -> None:
        """Log the scores of the epoch."""
        self.log_dict({f"val_{name}": value for name, value in self._scores.compute().items()})
        self._scores = MaskScores()

    def configure_optimizers(self) -> Any:
        """Adam over what is not frozen for good, and the schedule of its rate, step by step."""
        later = self.config.unfreeze_epoch > 0
        trainable = [parameter for parameter in self.parameters() if parameter.requires_grad or later]
        optimizer = torch.optim.Adam(trainable, lr=self.config.learning_rate)
        if self.config.schedule == "constant":
            return optimizer
        steps = int(self.trainer.estimated_stepping_batches)
        scheduler: LRScheduler = (
            CosineAnnealingLR(optimizer, T_max=steps)
            if self.config.schedule == "cosine"
            else OneCycleLR(optimizer, max_lr=self.config.learning_rate, total_steps=steps)
        )
        return {"optimizer": optimizer, "lr_scheduler": {"scheduler": scheduler, "interval": "step"}}

    def transfer_batch_to_device(self, batch: Batch, device: torch.device, dataloader_idx: int) -> Batch:
        """Leave the arrays where they are; each step moves what it needs."""
        return batch

    def to_device(self, batch: Batch) -> tuple[Tensor, Tensor]:
        """Return images, uint8 (b, 3, h, w), and masks, bool (b, 1, h, w), on the module's device.

        Raises:
            TrainingError: The batch has no masks.
        """
        if batch.masks is None:
            raise TrainingError(f"{self.config.title}: learns from masks, and the loader was told to leave them out")
        images = to_channels_first(batch.images).to(self.device, non_blocking=True)
        return images, torch.from_numpy(batch.masks).to(self.device, non_blocking=True)[:, None] > 0

    def _encoder(self) -> nn.Module:
        encoder = getattr(self.network, "encoder", None)
        if not isinstance(encoder, nn.Module):
            raise TrainingError(
                f"{self.config.title}: has no encoder to freeze; set freeze_encoder and freeze_batch_norm to false"
            )
        return encoder
