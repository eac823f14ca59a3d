"""Learning masks: a loss on logits, pooled scores of pixels on the validation split."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import torch
from torch import Tensor, nn

from synthgen.core.errors import TrainingError
from synthgen.core.picture import Boxes
from trainers.config.registry import LOSSES
from trainers.config.segmentation import SegmentationConfig
from trainers.learn.learner import Key, Learner
from trainers.loading.targets import Batch, MaskTargets
from trainers.models.pixels import prepared
from trainers.tasks.segmentation.class_losses import class_loss, mean_over_classes
from trainers.tasks.segmentation.confusion import class_measure
from trainers.tasks.segmentation.gather import gathered_masks
from trainers.tasks.segmentation.outputs import class_logits, found_classes, numbers_of
from trainers.tasks.segmentation.scores import MaskScores
from trainers.tasks.segmentation.weak import box_loss, somewhere_loss

__all__ = ["Known", "Segmentation"]


@dataclass(frozen=True, slots=True, eq=False)
class Known:
    """What is known of the pictures of a batch, on the network's device.

    Attributes:
        masks: Bool (b, k, h, w), the pixels of each class.
        ignore: Pixels that count for nothing, bool (b, 1, h, w); None where all count.
        boxes: Bool (b, n, h, w), the pixels of up to n boxes of a picture; None where all pictures have masks.
        boxed: By place, of pictures with boxes instead of a mask, the number of each box's class, from 0.
        somewhere: Places of pictures that show a target, nobody knows where.
    """

    masks: Tensor
    ignore: Tensor | None
    boxes: Tensor | None = None
    boxed: Mapping[int, tuple[int, ...]] = field(default_factory=dict)
    somewhere: tuple[int, ...] = ()

    @property
    def masked(self) -> list[int]:
        """Places of pictures with a mask."""
        return sorted({*range(len(self.masks))} - {*self.boxed, *self.somewhere})

    def layers(self) -> Tensor:
        """Return all that moves with the pixels as one tensor (b, n, h, w), for `moved`."""
        return torch.cat([part for part in (self.masks, self.ignore, self.boxes) if part is not None], dim=1)

    def moved(self, layers: Tensor) -> Known:
        """Return the same with layers that were moved."""
        classes = self.masks.shape[1]
        first = classes if self.ignore is None else classes + 1
        return Known(
            layers[:, :classes],
            None if self.ignore is None else layers[:, classes:first],
            None if self.boxes is None else layers[:, first:],
            self.boxed,
            self.somewhere,
        )


class Segmentation(Learner):
    """Trains a network of logits for each pixel; pixels that are to be ignored count neither in loss nor in scores."""

    config: SegmentationConfig

    def __init__(self, network: nn.Module, config: SegmentationConfig) -> None:
        """Wrap `network`."""
        super().__init__(network, config)
        several = config.outputs > 1
        self.loss = class_loss(config.loss, softmax=config.softmax) if several else LOSSES[config.loss]()
        self._scores = MaskScores(config.names)

    def loss_of(self, batch: Batch, key: Key = (0,)) -> Tensor:
        """Return the loss, a scalar, of a batch with `MaskTargets`, augmented by the draws that `key` names.

        It is the mean over pictures: those with masks have the loss of the config, over the pixels of all of them;
        those without have the losses of `trainers.tasks.segmentation.weak`, of each class by its own boxes.

        Raises:
            TrainingError: The batch has no masks.
        """
        return self.loss_on(self.images_of(batch), self.known_of(batch), key)

    def loss_on(self, images: Tensor, known: Known, key: Key = (0,)) -> Tensor:
        """Return the same of what `images_of` and `known_of` give."""
        pixels = images.float() / 255
        if self.augmentation is not None:
            pixels, layers = self.augmentation.with_masks(pixels, known.layers(), key)
            known = known.moved(layers)
        outputs = self.network(prepared(pixels)).float()  # sums over pixels need 32 bits
        if known.boxes is None:
            return self._loss(outputs, known.masks, known.ignore)
        own, ignore, logits = known.masked, known.ignore, class_logits(outputs, softmax=self.config.softmax)
        loss = self._loss(outputs[own], known.masks[own], None if ignore is None else ignore[own]) * len(own)
        for place, classes in known.boxed.items():
            region = None if ignore is None else ignore[place]
            loss = loss + _boxes_loss(logits[place], pixels[place], known.boxes[place], classes, region)
        for place in known.somewhere:
            loss = loss + somewhere_loss(logits[place])
        return loss / len(outputs)

    def validate(self, batch: Batch) -> Tensor:
        """Count the pixels of a batch; return its loss."""
        known = self.known_of(batch)
        outputs = self(self.images_of(batch)).float()
        found = found_classes(class_logits(outputs, softmax=self.config.softmax))
        self._scores.update(found, numbers_of(known.masks), known.ignore)
        return self._loss(outputs, known.masks, known.ignore)

    def scores(self) -> dict[str, float]:
        """Return foreground_iou, mean_iou, dice, precision, recall and each class's IoU since the last call."""
        found, self._scores = self._scores.compute(), MaskScores(self.config.names)
        return {name: score for name, score in found.items() if class_measure(name) in (None, "iou")}

    def _loss(self, logits: Tensor, masks: Tensor, ignore: Tensor | None) -> Tensor:
        everything, truth, left_out = gathered_masks(logits, masks, ignore)
        if not len(everything):  # no picture of any rank has a mask
            return logits.sum()
        loss: Tensor = self.loss(everything, truth.float(), left_out)
        return loss

    def known_of(self, batch: Batch) -> Known:
        """Return what is known of the pictures of a batch, on the module's device.

        Raises:
            TrainingError: The batch has no masks.
        """
        targets = batch.targets
        if not isinstance(targets, MaskTargets):
            raise TrainingError(f"{self.config.title}: learns from masks, and the loader was told to leave them out")
        masks = self._layers(torch.from_numpy(targets.masks).to(self.device, non_blocking=True)[:, None])
        ignore = targets.ignore
        ignored = None if ignore is None else torch.from_numpy(ignore).to(self.device)[:, None]
        if not targets.boxes and not targets.somewhere:
            return Known(masks, ignored)
        boxes = _pixels_of(targets.boxes, masks).to(self.device)
        boxed = {place: self._classes_of(found) for place, found in sorted(targets.boxes.items())}
        return Known(masks, ignored, boxes, boxed, tuple(sorted(targets.somewhere)))

    def _layers(self, numbers: Tensor) -> Tensor:
        """Return a mask for each class out of numbers (b, 1, h, w), those of instances where all targets are one."""
        if not self.config.names:
            return numbers > 0
        return numbers == torch.arange(1, self.config.outputs + 1, device=numbers.device).view(1, -1, 1, 1)

    def _classes_of(self, boxes: Boxes) -> tuple[int, ...]:
        """Return the number of each box's class; `trainers.loading.targets.Masked` leaves out boxes of none."""
        numbers = (self.config.number_of(category) for category in boxes.categories)
        return tuple(number for number in numbers if number is not None)


def _boxes_loss(
    logits: Tensor, colours: Tensor, boxes: Tensor, classes: tuple[int, ...], ignore: Tensor | None
) -> Tensor:
    """Return the loss of a picture (k, h, w) by the boxes (n, h, w) of each class; one without boxes is nowhere."""
    members = [[number for number, own in enumerate(classes) if own == place] for place in range(len(logits))]
    losses = [box_loss(logits[n : n + 1], colours, boxes[own], ignore) for n, own in enumerate(members)]
    return mean_over_classes(torch.stack(losses), torch.tensor([bool(own) for own in members], device=logits.device))


def _pixels_of(boxes: dict[int, Boxes], masks: Tensor) -> Tensor:
    """Return the pixels of the boxes of each picture, bool (b, k, h, w), as many as the picture with most has."""
    most = max((len(found) for found in boxes.values()), default=0)
    pixels = torch.zeros(len(masks), most, *masks.shape[2:], dtype=torch.bool)
    for place, found in boxes.items():
        for number, (x0, y0, x1, y1) in enumerate(found.xyxy.round().astype(int).tolist()):
            pixels[place, number, y0 : max(y1, y0 + 1), x0 : max(x1, x0 + 1)] = True
    return pixels
