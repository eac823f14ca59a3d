"""Augmentation of batches by kornia, on the device; `trainers.loading.transform` does it image by image on the CPU.

Draws follow from a key, so a resumed run draws what an uninterrupted one does. Targets follow the geometry and
nothing else, each kind in its own way.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

import kornia.augmentation
import numpy as np
import torch
from torch import Tensor, nn

from synthgen.core.errors import TrainingError

__all__ = ["LIGHT", "MIRROR", "STANDARD", "DeviceAugmentation", "device_steps"]

Steps = Sequence[dict[str, dict[str, Any]]]
LIGHT: Steps = (
    {"RandomContrast": {"contrast": (0.75, 1.25), "p": 0.3}},  # kornia's is a gain
    {"RandomBrightness": {"brightness": (0.98, 1.08), "p": 0.3}},  # an offset: much below 0 it would crush what is dark
    {"RandomGamma": {"gamma": (0.75, 1.25), "p": 0.3}},
)
MIRROR: Steps = ({"RandomHorizontalFlip": {"p": 0.5}},)
STANDARD: Steps = (
    *MIRROR,
    *LIGHT,  # leaves a third of the pictures alone
    {"RandomGrayscale": {"p": 0.1}},
    {"RandomGaussianBlur": {"kernel_size": (5, 5), "sigma": (0.3, 1.2), "p": 0.15}},
    {"RandomGaussianNoise": {"std": 0.02, "p": 0.2}},
)
"""What `augment: true` does on the device: 76 ms of CPU time a batch of 16 pictures of 192×192; a step takes 1.6 s.

`trainers.loading.transform.Recompressed` is its JPEG, as kornia's takes 100 to 160 ms, however few pictures it is for.
"""


def device_steps(augment: Literal["ssd"] | bool | Steps) -> Steps:
    """Return what a config's `augment` does on the device; `trainers.loading.distortion` is the rest of "ssd"."""
    if augment == "ssd":
        return MIRROR
    if isinstance(augment, bool):
        return STANDARD if augment else ()
    return augment


class DeviceAugmentation(nn.Module):
    """A sequence of kornia's augmentations; each image of a batch has draws of its own."""

    def __init__(self, steps: Steps) -> None:
        """Build `steps`, each {class of kornia.augmentation: its arguments}.

        Raises:
            TrainingError: kornia has no such augmentation, or it takes no such arguments.
        """
        super().__init__()
        built = [_step(name, arguments) for step in steps for name, arguments in step.items()]
        self._all = kornia.augmentation.AugmentationSequential(*built, data_keys=None)  # type: ignore[arg-type]  # modules, checked in `_step`

    def forward(self, images: Tensor, key: tuple[int, ...]) -> Tensor:
        """Augment images, float 0–1 (b, 3, h, w), by the draws that `key` names."""
        return self._run(images, key)[0]

    def with_masks(self, images: Tensor, masks: Tensor, key: tuple[int, ...]) -> tuple[Tensor, Tensor]:
        """Augment images and boolean masks (b, k, h, w)."""
        changed, moved = self._run(images, key, ("mask", masks.float()))
        return changed, moved > 0.5

    def with_boxes(self, images: Tensor, boxes: Sequence[Tensor], key: tuple[int, ...]) -> tuple[Tensor, list[Tensor]]:
        """Augment images and boxes (x0, y0, x1, y1) in pixels, half-open, float (n, 4) of each image.

        A moved box is the upright box around the moved corners, cut to the frame.
        """
        changed, *_ = self._run(images, key)
        return changed, self._moved_boxes(boxes, images)

    def with_instances(
        self, images: Tensor, boxes: Sequence[Tensor], masks: Tensor, key: tuple[int, ...]
    ) -> tuple[Tensor, list[Tensor], Tensor]:
        """Augment images, boxes as in `with_boxes`, and masks of instance numbers, uint8 (b, h, w)."""
        changed, moved = self._run(images, key, ("mask", masks[:, None].float()))
        return changed, self._moved_boxes(boxes, images), moved[:, 0].round().to(masks.dtype)

    def _moved_boxes(self, boxes: Sequence[Tensor], images: Tensor) -> list[Tensor]:
        """Move the boxes of each of the images as they were moved last."""
        maps = self._all.transform_matrix
        if maps is None:  # nothing moved
            return list(boxes)
        height, width = images.shape[-2:]
        limit = images.new_tensor([width, height])
        return [_moved(own, matrix, limit) for own, matrix in zip(boxes, maps.to(images), strict=True)]

    def _run(self, images: Tensor, key: tuple[int, ...], *more: tuple[str, Tensor]) -> list[Tensor]:
        seed = int(np.random.SeedSequence(key).generate_state(1, np.uint64)[0] >> 1)
        # kornia draws from torch's own generator of the CPU; places in half precision would be pixels off
        with torch.random.fork_rng(devices=[]), torch.autocast(images.device.type, enabled=False):
            torch.default_generator.manual_seed(seed)
            kinds, tensors = ["input", *(kind for kind, _ in more)], [tensor for _, tensor in more]
            found = self._all(images, *tensors, data_keys=kinds)
        changed, *moved = [found] if isinstance(found, Tensor) else found
        if changed.shape != images.shape:
            raise TrainingError(
                f"augment: turned images of {_sides(images)} into {_sides(changed)}; leave the size as it is"
            )
        return [changed.clamp(0, 1), *moved]


def _moved(boxes: Tensor, matrix: Tensor, limit: Tensor) -> Tensor:
    """Move boxes (n, 4) by a map (3, 3) of pixel centres, at whole numbers; edges lie half a pixel beside them."""
    x0, y0, x1, y1 = boxes.to(matrix).unbind(1)
    corners = torch.stack([torch.stack(corner, -1) for corner in ((x0, y0), (x1, y0), (x0, y1), (x1, y1))], 1) - 0.5
    points = torch.cat([corners, torch.ones_like(corners[..., :1])], -1) @ matrix.T
    places = points[..., :2] / points[..., 2:] + 0.5
    low, high = places.amin(1), places.amax(1)
    return torch.cat([low.clamp(min=0).minimum(limit), high.clamp(min=0).minimum(limit)], 1)


def _step(name: str, arguments: dict[str, Any]) -> nn.Module:
    kind = getattr(kornia.augmentation, name, None)
    if not isinstance(kind, type) or not issubclass(kind, nn.Module):
        raise TrainingError(f"augment: kornia.augmentation has no {name!r}; e.g. RandomHorizontalFlip, RandomAffine")
    try:
        step: nn.Module = kind(**arguments)
    except Exception as error:  # kornia raises whatever its checks raise
        raise TrainingError(f"augment: {name} cannot be built: {error}; see kornia's documentation") from error
    return step


def _sides(images: Tensor) -> str:
    return "×".join(str(side) for side in images.shape[-2:])
