"""Augmentation of batches: kornia's on the device, for a batch at once; albumentations' on the CPU, image by image.

Both draw from (seed, epoch, and which batch or which row it is), so a resumed run draws what an uninterrupted one does.
Masks follow the geometry and nothing else.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import kornia.augmentation
import numpy as np
import torch
from torch import Tensor, nn

from synthgen.core.augmentation import Pipeline
from synthgen.core.errors import TrainingError
from synthgen.core.types import RGB, InstanceMask

__all__ = ["STANDARD", "DeviceAugmentation", "RowAugmentation"]

Steps = Sequence[dict[str, dict[str, Any]]]
STANDARD: Steps = (
    {"RandomHorizontalFlip": {"p": 0.5}},
    {"RandomContrast": {"contrast": (0.7, 1.3), "p": 1.0}},
    {"RandomBrightness": {"brightness": (0.85, 1.15), "p": 1.0}},
    {"RandomGamma": {"gamma": (0.7, 1.3), "p": 1.0}},
)


class DeviceAugmentation(nn.Module):
    """A sequence of kornia's augmentations; each image of a batch has draws of its own."""

    def __init__(self, steps: Steps) -> None:
        """Build `steps`, each {class of kornia.augmentation: its arguments}.

        Raises:
            TrainingError: kornia has no such augmentation, or it takes no such arguments.
        """
        super().__init__()
        built = [_step(name, arguments) for step in steps for name, arguments in step.items()]
        self._all = kornia.augmentation.AugmentationSequential(*built, data_keys=["input", "mask"])

    def forward(self, images: Tensor, masks: Tensor, key: tuple[int, ...]) -> tuple[Tensor, Tensor]:
        """Augment images, float 0–1 (b, 3, h, w), and boolean masks (b, 1, h, w) by the draws that `key` names."""
        seed = int(np.random.SeedSequence(key).generate_state(1, np.uint64)[0] >> 1)
        with torch.random.fork_rng(devices=[]):  # kornia draws from torch's own generator of the CPU
            torch.default_generator.manual_seed(seed)
            changed, moved = self._all(images, masks.float())
        if changed.shape != images.shape:
            raise TrainingError(
                f"augment: turned images of {_sides(images)} into {_sides(changed)}; leave the size as it is"
            )
        return changed.clamp(0, 1), moved > 0.5


class RowAugmentation:
    """An albumentations pipeline for one image at a time; called from several threads."""

    def __init__(self, pipeline: dict[str, Any], seed: int) -> None:
        """Build the pipeline, as `albumentations.to_dict` writes it.

        Raises:
            ConfigError: albumentations cannot read it.
        """
        self._pipeline, self._seed = Pipeline(json.dumps(pipeline), "albumentations"), seed
        self._pipeline.check()

    def __call__(self, image: RGB, mask: InstanceMask | None, epoch: int, row: int) -> None:
        """Augment in place.

        Raises:
            ConfigError: The pipeline changes the size of the picture, or its type.
        """
        seed = int(np.random.SeedSequence((self._seed, epoch, row)).generate_state(1)[0])
        done = self._pipeline.run(seed, image, **({} if mask is None else {"mask": mask}))
        image[:] = done["image"]
        if mask is not None:
            mask[:] = done["mask"]


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
