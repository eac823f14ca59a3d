"""What is known of the pictures of a batch, as torchvision's detectors take it, before and after augmentation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch
from torch import Tensor

from synthgen.core.picture import Boxes
from trainers.config.classes import ClassesConfig
from trainers.loading.augment import DeviceAugmentation
from trainers.loading.targets import BoxTargets
from trainers.models.detectors.detector import Target

__all__ = ["Known", "known_of"]

LEAST_SIDE = 1.0  # pixels: what augmentation leaves of a box must have as much


@dataclass(frozen=True, slots=True, eq=False)
class Known:
    """Of each picture of a batch, on the network's device.

    Attributes:
        boxes: Float (n, 4), targets first, then what is neither target nor background.
        labels: Class of each box, from 1; 0 for what is to be ignored (n).
        numbers: Of each box its number in `masks` (n).
        masks: Instance numbers, uint8 (b, h, w); None where masks are not learnt.
        masked: Places of the pictures whose masks are known.
        regions: Float (n, 4), what may hold a target; none where the network finds its own.
    """

    boxes: tuple[Tensor, ...]
    labels: tuple[Tensor, ...]
    numbers: tuple[Tensor, ...]
    masks: Tensor | None
    masked: frozenset[int]
    regions: tuple[Tensor, ...]

    def augmented(self, images: Tensor, augmentation: DeviceAugmentation, key: tuple[int, ...]) -> tuple[Tensor, Known]:
        """Return images, float 0–1 (b, 3, h, w), and what is known, changed by the draws that `key` names."""
        every, masks = [torch.cat(pair) for pair in zip(self.boxes, self.regions, strict=True)], self.masks
        if masks is None:
            images, moved = augmentation.with_boxes(images, every, key)
        else:
            images, moved, masks = augmentation.with_instances(images, every, masks, key)
        counts = [len(own) for own in self.boxes]
        boxes = tuple(own[:count] for own, count in zip(moved, counts, strict=True))
        regions = tuple(own[count:] for own, count in zip(moved, counts, strict=True))
        return images, replace(self, boxes=boxes, masks=masks, regions=regions)

    def targets(self, places: Sequence[int]) -> list[Target]:
        """Return the targets of some of the pictures, without boxes that have no extent."""
        return [self._target(place) for place in places]

    def _target(self, place: int) -> Target:
        boxes, labels, numbers = self.boxes[place], self.labels[place], self.numbers[place]
        left, own_regions = _has_extent(boxes), self.regions[place]
        own = left & (labels > 0)
        target = {"boxes": boxes[own], "labels": labels[own], "ignored": boxes[left & (labels == 0)]}
        target["regions"] = own_regions[_has_extent(own_regions)]
        if self.masks is not None and place in self.masked:
            target["masks"] = (self.masks[place][None] == numbers[own][:, None, None]).to(torch.uint8)
        return target


def known_of(targets: BoxTargets, classes: ClassesConfig, device: torch.device, *, masks: bool) -> Known:
    """Return what is known of a batch; targets of categories that are dropped are background."""
    boxes, labels, numbers, regions = [], [], [], []
    for place, own in enumerate(targets.boxes):
        kept, classed = _classed(own, classes)
        ignored = targets.ignored.get(place, np.zeros((0, 4), np.float32))
        rest = np.zeros(len(ignored), np.int64)
        named = np.zeros(len(kept), np.int64) if kept.numbers is None else kept.numbers.astype(np.int64)
        boxes.append(np.concatenate([kept.xyxy, ignored]))
        labels.append(np.concatenate([classed, rest]))
        numbers.append(np.concatenate([named, rest]))
        regions.append(targets.regions.get(place, np.zeros((0, 4), np.int16)).astype(np.float32))
    layer = None if targets.masks is None or not masks else torch.from_numpy(targets.masks).to(device)
    return Known(
        boxes=_moved(boxes, device),
        labels=_moved(labels, device),
        numbers=_moved(numbers, device),
        masks=layer,
        masked=frozenset(targets.masked),
        regions=_moved(regions, device),
    )


def _has_extent(boxes: Tensor) -> Tensor:
    """Tell which boxes (n, 4) have sides of a pixel at least."""
    found: Tensor = (boxes[:, 2:] - boxes[:, :2] >= LEAST_SIDE).all(dim=1)
    return found


def _moved(parts: Sequence[np.ndarray], device: torch.device) -> tuple[Tensor, ...]:
    return tuple(torch.from_numpy(part).to(device) for part in parts)


def _classed(boxes: Boxes, classes: ClassesConfig) -> tuple[Boxes, np.ndarray]:
    """Return the boxes that belong to a class, and its number, from 1."""
    found = [classes.number_of(category) for category in boxes.categories]
    kept = boxes.select(np.array([number is not None for number in found], bool))
    return kept, np.array([number + 1 for number in found if number is not None], np.int64)
