"""Learning masks: a loss on logits, pooled scores of pixels on the validation split."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from synthgen.core.errors import TrainingError
from trainers.config.registry import LOSSES
from trainers.config.segmentation import SegmentationConfig
from trainers.learn.learner import Key, Learner
from trainers.loading.targets import Batch, MaskTargets
from trainers.models.pixels import prepared
from trainers.tasks.segmentation.gather import gathered_masks
from trainers.tasks.segmentation.scores import MaskScores

__all__ = ["Segmentation"]


class Segmentation(Learner):
    """Trains a network of one logit a pixel; pixels that are to be ignored count neither in loss nor in scores."""

    config: SegmentationConfig

    def __init__(self, network: nn.Module, config: SegmentationConfig) -> None:
        """Wrap `network`."""
        super().__init__(network, config)
        self.loss = LOSSES[config.loss]()
        self._scores = MaskScores()

    def loss_of(self, batch: Batch, key: Key = (0,)) -> Tensor:
        """Return the loss, a scalar, of a batch with `MaskTargets`, augmented by the draws that `key` names.

        Raises:
            TrainingError: The batch has no masks.
        """
        return self.loss_on(self.images_of(batch), *self.masks_of(batch), key)

    def loss_on(self, images: Tensor, masks: Tensor, ignore: Tensor | None, key: Key = (0,)) -> Tensor:
        """Return the same of what `images_of` and `masks_of` give."""
        pixels = images.float() / 255
        if self.augmentation is not None:
            layers = masks if ignore is None else torch.cat([masks, ignore], dim=1)
            pixels, layers = self.augmentation.with_masks(pixels, layers, key)
            masks, ignore = layers[:, :1], None if ignore is None else layers[:, 1:]
        return self._loss(self.network(prepared(pixels)), masks, ignore)

    def validate(self, batch: Batch) -> Tensor:
        """Count the pixels of a batch; return its loss."""
        masks, ignore = self.masks_of(batch)
        logits = self(self.images_of(batch))
        self._scores.update(logits > 0, masks, ignore)
        return self._loss(logits, masks, ignore)

    def scores(self) -> dict[str, float]:
        """Return foreground_iou, mean_iou, dice, precision and recall since the last call."""
        found, self._scores = self._scores.compute(), MaskScores()
        return found

    def _loss(self, logits: Tensor, masks: Tensor, ignore: Tensor | None) -> Tensor:
        everything, truth, left_out = gathered_masks(logits.float(), masks, ignore)  # sums over pixels need 32 bits
        loss: Tensor = self.loss(everything, truth.float(), left_out)
        return loss

    def masks_of(self, batch: Batch) -> tuple[Tensor, Tensor | None]:
        """Return masks and ignored pixels, bool (b, 1, h, w), on the module's device.

        Raises:
            TrainingError: The batch has no masks.
        """
        if not isinstance(batch.targets, MaskTargets):
            raise TrainingError(f"{self.config.title}: learns from masks, and the loader was told to leave them out")
        masks = torch.from_numpy(batch.targets.masks).to(self.device, non_blocking=True)[:, None] > 0
        ignore = batch.targets.ignore
        return masks, None if ignore is None else torch.from_numpy(ignore).to(self.device)[:, None]
