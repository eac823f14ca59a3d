"""Learning labels over a frozen CLIP, and where to look from masks. Where views recur, the CLIP looks at each once."""

from __future__ import annotations

import torch
from torch import Tensor

from synthgen.core.errors import TrainingError
from synthgen.core.files import cache_folder
from trainers.clip.features import Features
from trainers.clip.sight import Tokens
from trainers.config.classification import ClassificationConfig
from trainers.learn.learner import Key
from trainers.learn.ranks import gathered
from trainers.loading.targets import Batch, DenseTargets
from trainers.tasks.classification.dense_losses import dice_loss, focal_loss
from trainers.tasks.classification.learner import Classification, label_loss
from trainers.tasks.classification.over_clip import DangerClip, OverClip

__all__ = ["DICE", "FOCAL", "OverClipLearner", "map_loss"]

FOCAL, DICE = 2.0, 1.0
"""Weights of the losses of maps; that of labels has 1."""


class OverClipLearner(Classification):
    """Trains a head over a frozen CLIP."""

    network: OverClip
    config: ClassificationConfig

    def __init__(self, network: OverClip, config: ClassificationConfig) -> None:
        """Wrap `network`."""
        super().__init__(network, config)
        self._features = Features(network.tower, cache_folder("features"), network.sight) if config.views else None
        if config.views:
            self.augmentation = None  # views are made as pictures are loaded

    def loss_of(self, batch: Batch, key: Key = (0,)) -> Tensor:
        """Return the loss of a batch, augmented by the draws that `key` names.

        It is the cross-entropy of the labels, and where masks are learnt from that of the maps; see `map_loss`.

        Raises:
            TrainingError: The batch has no labels, or no masks where they are learnt from.
        """
        tokens, layers = self._augmented(batch, key)
        with self.drawing(key):
            return self._judged(batch, tokens, layers)[1]

    def validate(self, batch: Batch) -> Tensor:
        """Count the labels of a batch; return its loss."""
        live = self._features is None
        tokens = self.network.look(self.images_of(batch).float() / 255) if live else self._kept(batch)
        logits, loss = self._judged(batch, tokens, self._layers_of(batch))
        self.count(logits, *self.labels_of(batch))
        return loss

    def _augmented(self, batch: Batch, key: Key) -> tuple[Tokens, Tensor | None]:
        """Return the tokens of augmented pictures, and their layers."""
        layers = self._layers_of(batch)
        if self._features is not None:
            return self._kept(batch), layers
        pixels = self.images_of(batch).float() / 255
        if self.augmentation is not None and layers is None:
            pixels = self.augmentation(pixels, key)
        elif self.augmentation is not None and layers is not None:
            pixels, layers = self.augmentation.with_masks(pixels, layers, key)
        return self.network.look(pixels), layers

    def _judged(self, batch: Batch, tokens: Tokens, layers: Tensor | None) -> tuple[Tensor, Tensor]:
        """Return the logits of a batch, and its loss."""
        labels, known = self.labels_of(batch)
        if layers is None:
            height, width = batch.images.shape[1:3]
            logits = self.network.judged(tokens, (height, width))
            return logits, label_loss(logits, labels, known)
        assert isinstance(self.network, DangerClip), "it alone learns from masks"
        logits, scores = self.network.head.look(*tokens)
        height, width = layers.shape[-2:]
        found = self.network.map_of(scores.float(), (height, width))
        return logits, label_loss(logits, labels, known) + map_loss(found, layers)

    def _kept(self, batch: Batch) -> Tokens:
        """Return the tokens of a batch from disk; those that are not there yet are found, in full precision."""
        assert self._features is not None, "asked where views recur"
        with torch.autocast(self.device.type, enabled=False):
            whole, patches = (torch.from_numpy(part) for part in self._features.of(batch.images))
        return whole.to(self.device).float(), patches.to(self.device).float()

    def _layers_of(self, batch: Batch) -> Tensor | None:
        """Return bool (b, 2, h, w): where a target is seen, and what does not count; None where no masks are learnt."""
        if not self.config.learns_masks:
            return None
        targets = batch.targets
        if not isinstance(targets, DenseTargets):
            raise TrainingError(f"{self.config.title}: learns from masks, and the loader was told to leave them out")
        seen, unknown = torch.from_numpy(targets.masks.masks) > 0, torch.from_numpy(~targets.masked)
        ignored = targets.masks.ignore
        left_out = torch.zeros_like(seen) if ignored is None else torch.from_numpy(ignored)
        return torch.stack([seen, left_out | unknown[:, None, None]], 1).to(self.device, non_blocking=True)


def map_loss(found: Tensor, layers: Tensor) -> Tensor:
    """Return the weighted losses of logits (b, h, w) against bool (b, 2, h, w), over all ranks' pictures, a scalar.

    Args:
        found: Logits of the foreground.
        layers: Where a target is seen, and what does not count.
    """
    everything, truth = gathered(found, layers.float())
    masks, counted = truth[:, 0], 1 - truth[:, 1]
    return FOCAL * focal_loss(everything, masks, counted) + DICE * dice_loss(everything, masks, counted)
