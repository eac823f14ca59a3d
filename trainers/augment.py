"""Light augmentation of a batch on its device: mirroring and brightness, contrast and gamma.

Every draw comes from the generator passed in; masks follow the geometry and nothing else.
"""

from __future__ import annotations

import torch
from torch import Tensor

__all__ = ["augment"]


def augment(images: Tensor, masks: Tensor, *, generator: torch.Generator) -> tuple[Tensor, Tensor]:
    """Augment images, float 0–1 (b, 3, h, w), with their masks (b, 1, h, w)."""
    draws = torch.rand(len(images), 4, generator=generator).to(images.device)
    mirrored = (draws[:, 0] < 0.5).view(-1, 1, 1, 1)
    images = torch.where(mirrored, images.flip(-1), images)
    masks = torch.where(mirrored, masks.flip(-1), masks)
    brightness, contrast, gamma = (draws[:, column].view(-1, 1, 1, 1) for column in (1, 2, 3))
    images = (images - 0.5) * (0.7 + 0.6 * contrast) + 0.5 + (brightness - 0.5) * 0.3
    return images.clamp(0, 1) ** (0.7 + 0.6 * gamma), masks
