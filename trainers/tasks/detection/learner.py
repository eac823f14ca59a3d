"""Learning boxes: the sum of torchvision's losses, COCO's average precision on the validation split."""

from __future__ import annotations

from typing import Any, cast

import torch
from torch import Tensor, nn

from synthgen.core.errors import TrainingError
from trainers.config.detection import DetectionConfig
from trainers.learn.learner import Key, Learner
from trainers.loading.targets import Batch, BoxTargets
from trainers.models.pixels import prepared
from trainers.tasks.detection.known import Known, known_of
from trainers.tasks.detection.scores import BoxScores

__all__ = ["Detection"]

VALIDATION: Key = (0,)


class Detection(Learner):
    """Trains a network of `trainers.models.detectors`.

    Which anchors and regions a step learns from is drawn by the step's key, so a resumed run draws what an
    uninterrupted one does. With several ranks each has the losses of its own batch, and their gradients are averaged.
    """

    config: DetectionConfig

    def __init__(self, network: nn.Module, config: DetectionConfig) -> None:
        """Wrap `network`."""
        super().__init__(network, config)
        self._scores = BoxScores()
        self._parts: dict[str, Tensor] = {}

    def forward(self, images: Tensor) -> Any:
        """Turn RGB uint8 (b, 3, h, w) into what is found; of a network of given regions only to count what that costs.

        It is given as many as it looks at, all of them the whole picture.
        """
        if not self.config.needs_proposals:
            return super().forward(images)
        (height, width), most = images.shape[-2:], cast(int, self.network.most)
        whole = torch.tensor([[0, 0, width, height]], dtype=torch.float32)
        return self.network(prepared(images.float() / 255), regions=[whole.repeat(most, 1)] * len(images))

    def loss_of(self, batch: Batch, key: Key = (0,)) -> Tensor:
        """Return the loss, a scalar, of a batch with `BoxTargets`, augmented by the draws that `key` names.

        Raises:
            TrainingError: The batch has no boxes.
        """
        images, known = self.images_of(batch).float() / 255, self.known_of(batch)
        if self.augmentation is not None:
            images, known = known.augmented(images, self.augmentation, key)
        self._parts = self._losses(prepared(images), known, key)
        return torch.stack([*self._parts.values()]).sum()

    def training_step(self, batch: Batch, batch_index: int) -> Tensor:
        """Return the loss of one batch; log what it is the sum of."""
        loss = super().training_step(batch, batch_index)
        parts = {f"train_{name}": part.detach() for name, part in self._parts.items()}
        self.log_dict(parts, on_epoch=True, on_step=False, batch_size=batch.step_samples)
        return loss

    def validate(self, batch: Batch) -> Tensor:
        """Count the boxes of a batch; return its loss."""
        known, images = self.known_of(batch), prepared(self.images_of(batch).float() / 255)
        targets = known.targets(range(len(images)))
        told = {"regions": [target["regions"] for target in targets]} if self.config.needs_proposals else {}
        self._scores.update(self.network(images, **told), targets, self.config.outputs)
        return torch.stack([*self._losses(images, known, VALIDATION).values()]).sum()

    def scores(self) -> dict[str, float]:
        """Return ap50 since the last call."""
        found, self._scores = self._scores.compute(), BoxScores()
        return found

    def known_of(self, batch: Batch) -> Known:
        """Return what is known of the pictures of a batch, on the module's device.

        Raises:
            TrainingError: The batch has no boxes.
        """
        if not isinstance(batch.targets, BoxTargets):
            raise TrainingError(f"{self.config.title}: learns from boxes, and the loader was told to leave them out")
        return known_of(batch.targets, self.config, self.device, masks=self.config.learns_masks)

    def _losses(self, images: Tensor, known: Known, key: Key) -> dict[str, Tensor]:
        """Return the losses by name, the mean over pictures: those without a mask have no loss of masks."""
        masked = [place for place in range(len(images)) if place in known.masked and known.masks is not None]
        others = [place for place in range(len(images)) if place not in masked]
        total: dict[str, Tensor] = {}
        with self.drawing(key):
            for places in filter(None, (masked, others)):
                found = self.network(images[places], known.targets(places))
                for name, loss in found.items():
                    total[_named(name)] = total.get(_named(name), 0) + loss * len(places) / len(images)
        return total


def _named(loss: str) -> str:
    """Name a loss as torchvision's R-CNNs do; its SSD leaves the first word out."""
    return loss if loss.startswith("loss_") else f"loss_{loss}"
