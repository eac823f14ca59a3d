"""Learning which caption goes with which picture; captions are made after augmentation, so that left stays left."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor

from synthgen.core.errors import TrainingError
from trainers.clip.small import SmallClip
from trainers.config.contrastive import ContrastiveConfig
from trainers.learn.learner import Key, Learner
from trainers.learn.ranks import gathered
from trainers.loading.targets import Batch
from trainers.models.pixels import prepared
from trainers.tasks.contrastive.captions import CaptionTargets
from trainers.tasks.contrastive.loss import SeveralPositives
from trainers.tasks.contrastive.recall import recall_of

__all__ = ["Contrastive"]

MOST_SCALE = math.log(100)  # CLIP's bound (Radford et al. 2021, section 2.5)


class Contrastive(Learner):
    """Trains a small CLIP."""

    network: SmallClip

    def __init__(self, network: SmallClip, config: ContrastiveConfig) -> None:
        """Wrap `network`."""
        super().__init__(network, config)
        self._noun, self._loss = config.noun, SeveralPositives()
        self._seen: list[tuple[Tensor, Tensor]] = []  # embeddings and captions of the validation split

    def loss_of(self, batch: Batch, key: Key = (0,)) -> Tensor:
        """Return the loss of a batch with `CaptionTargets`, augmented by the draws that `key` names.

        Raises:
            TrainingError: The batch has no captions, or one is too long.
        """
        targets, pixels = self._targets_of(batch), self.images_of(batch).float() / 255
        boxes = [torch.from_numpy(own.xyxy).to(self.device) for own in targets.boxes]
        if self.augmentation is not None:
            pixels, boxes = self.augmentation.with_boxes(pixels, boxes, key)
        images, ids = self._known(targets, self.network(prepared(pixels)), boxes, pixels.shape[-1])
        return self._loss_of(images, ids)

    def validate(self, batch: Batch) -> Tensor:
        """Keep the embeddings of a batch; return its loss."""
        targets, shown = self._targets_of(batch), self.images_of(batch)
        boxes = [torch.from_numpy(own.xyxy) for own in targets.boxes]
        images, ids = self._known(targets, self(shown), boxes, shown.shape[-1])
        self._seen.append((images.detach().float(), ids))
        return self._loss_of(images, ids)

    def scores(self) -> dict[str, float]:
        """Return recall_at_1 among the distinct captions seen since the last call, and chance."""
        seen, self._seen = self._seen, []
        images, ids = gathered(*(torch.cat(parts) for parts in zip(*seen, strict=True)))
        found = recall_of(images, ids, self.network.texts)
        return {"recall_at_1": found.at_1, "chance": found.chance}

    def on_train_batch_end(self, outputs: Any, batch: Batch, batch_index: int) -> None:
        """Keep the scale of the logits within CLIP's bounds."""
        with torch.no_grad():
            self.network.clip.logit_scale.clamp_(0, MOST_SCALE)

    def _loss_of(self, images: Tensor, ids: Tensor) -> Tensor:
        """Return the loss of the pictures of all ranks."""
        everything, texts, numbers = gathered(images, self.network.texts(ids), ids)
        loss: Tensor = self._loss(everything.float(), texts.float(), self.network.scale, numbers)
        return loss

    def _known(
        self, targets: CaptionTargets, images: Tensor, boxes: Sequence[Tensor], width: int
    ) -> tuple[Tensor, Tensor]:
        """Return the embeddings (n, e) and the captions, as numbers (n, context), of the pictures that have one."""
        captions = targets.captions([own.cpu().numpy() for own in boxes], width, self._noun)
        known = torch.from_numpy(targets.known)
        told = [caption for caption, told in zip(captions, targets.known, strict=True) if told]
        return images[known.to(images.device)], self.network.prompts(told).to(images.device)

    def _targets_of(self, batch: Batch) -> CaptionTargets:
        if not isinstance(batch.targets, CaptionTargets):
            raise TrainingError(f"{self.config.title}: learns from captions, and the loader was told to leave them out")
        return batch.targets
