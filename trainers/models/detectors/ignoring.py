"""Regions that are neither target nor background, which torchvision's detectors do not know of."""

from __future__ import annotations

import torch
from jaxtyping import Bool, Float
from torch import Tensor
from torchvision.ops import box_area

__all__ = ["MOSTLY", "within"]

MOSTLY = 0.5
"""So much of a box in an ignored one, and it is no background; scores count alike."""


def within(boxes: Float[Tensor, "n 4"], ignored: Float[Tensor, "m 4"]) -> Bool[Tensor, " n"]:
    """Tell which boxes lie mostly within one of the ignored boxes."""
    if not len(ignored):
        return torch.zeros(len(boxes), dtype=torch.bool, device=boxes.device)
    low = torch.maximum(boxes[:, None, :2], ignored[None, :, :2])
    high = torch.minimum(boxes[:, None, 2:], ignored[None, :, 2:])
    inside = (high - low).clamp(min=0).prod(dim=2).amax(dim=1)
    mostly: Tensor = inside >= MOSTLY * box_area(boxes)
    return mostly
