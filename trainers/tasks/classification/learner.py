"""Learning labels: cross-entropy of one logit a picture; pictures whose label is unknown count nowhere."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn.functional import binary_cross_entropy_with_logits

from synthgen.core.errors import TrainingError
from trainers.config.classification import ClassificationConfig
from trainers.learn.learner import Key, Learner
from trainers.learn.ranks import gathered
from trainers.loading.targets import Batch, DenseTargets, LabelTargets
from trainers.models.pixels import prepared
from trainers.tasks.classification.scores import LabelScores

__all__ = ["Classification", "label_loss"]


class Classification(Learner):
    """Trains a network of one logit a picture."""

    def __init__(self, network: nn.Module, config: ClassificationConfig) -> None:
        """Wrap `network`."""
        super().__init__(network, config)
        self._scores = LabelScores()

    def loss_of(self, batch: Batch, key: Key = (0,)) -> Tensor:
        """Return the mean cross-entropy of a batch with labels, augmented by the draws that `key` names.

        Raises:
            TrainingError: The batch has no labels.
        """
        labels, known = self.labels_of(batch)
        pixels = self.images_of(batch).float() / 255
        if self.augmentation is not None:
            pixels = self.augmentation(pixels, key)
        return label_loss(self.network(prepared(pixels)), labels, known)

    def validate(self, batch: Batch) -> Tensor:
        """Count the labels of a batch; return its loss."""
        labels, known = self.labels_of(batch)
        logits = self(self.images_of(batch))
        self.count(logits, labels, known)
        return label_loss(logits, labels, known)

    def scores(self) -> dict[str, float]:
        """Return accuracy and balanced_accuracy since the last call."""
        found, self._scores = self._scores.compute(), LabelScores()
        return found

    def count(self, logits: Tensor, labels: Tensor, known: Tensor) -> None:
        """Count right and wrong labels for `scores`."""
        self._scores.update(logits[known] > 0, labels[known] > 0)

    def labels_of(self, batch: Batch) -> tuple[Tensor, Tensor]:
        """Return labels, float (b, 1), and which are known, bool (b, 1), on the module's device.

        Raises:
            TrainingError: The batch has no labels.
        """
        targets = batch.targets.labels if isinstance(batch.targets, DenseTargets) else batch.targets
        if not isinstance(targets, LabelTargets):
            raise TrainingError(f"{self.config.title}: learns from labels, and the loader was told to leave them out")
        both = (torch.from_numpy(part)[:, None] for part in (targets.labels, targets.known))
        labels, known = (part.to(self.device, non_blocking=True) for part in both)
        return labels, known


def label_loss(logits: Tensor, labels: Tensor, known: Tensor) -> Tensor:
    """Return the mean over all ranks' pictures whose label is known; 0 if there is none."""
    everything, truth, counted = gathered(logits.float(), labels, known.float())
    each = binary_cross_entropy_with_logits(everything, truth, reduction="none")
    return (each * counted).sum() / counted.sum().clamp(min=1)
