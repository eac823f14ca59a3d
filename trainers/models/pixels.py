"""From bytes of pictures to what a network takes: channels first, 0–1, normalised."""

from __future__ import annotations

import numpy as np
import torch
from jaxtyping import UInt8
from torch import Tensor

__all__ = ["normalize", "prepared", "prepared_bytes", "restored", "to_channels_first"]

MEAN, STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)  # ImageNet's, which pretrained encoders expect


def to_channels_first(images: UInt8[np.ndarray, "b h w 3"]) -> Tensor:
    """View images as uint8 (b, 3, h, w); in memory they stay as they are, which is torch's `channels_last`."""
    return torch.from_numpy(images).permute(0, 3, 1, 2)


def normalize(images: Tensor) -> Tensor:
    """Normalise RGB 0–1 (b, 3, h, w) by ImageNet's mean and deviation."""
    mean, std = (images.new_tensor(values).view(1, 3, 1, 1) for values in (MEAN, STD))
    return (images - mean) / std


def restored(images: Tensor) -> Tensor:
    """Return RGB 0–1 (b, 3, h, w) of what was normalised, for networks that normalise otherwise."""
    mean, std = (images.new_tensor(values).view(1, 3, 1, 1) for values in (MEAN, STD))
    return images * std + mean


def prepared(pixels: Tensor) -> Tensor:
    """Normalise RGB 0–1 (b, 3, h, w) and lay it out as networks take it fastest."""
    return normalize(pixels).contiguous(memory_format=torch.channels_last)


def prepared_bytes(images: Tensor) -> Tensor:
    """Return RGB uint8 (b, h, w, 3) as `prepared` gives them: what every graph to export begins with."""
    return prepared(images.permute(0, 3, 1, 2).float() / 255)
