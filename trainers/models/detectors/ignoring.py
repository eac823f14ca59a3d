"""Regions that are neither target nor background, which torchvision's detectors do not know of."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from jaxtyping import Bool, Float
from torch import Tensor
from torchvision.ops import box_area, box_iou

from trainers.models.detectors.detector import Target

__all__ = ["MOSTLY", "learnable", "within"]

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


def learnable(proposals: Sequence[Tensor], targets: Sequence[Target]) -> list[Tensor]:
    """Return the proposals (n, 4) of each picture that no ignored box excuses; all where nothing would be left."""
    kept = [own[~_excused(own, target)] for own, target in zip(proposals, targets, strict=True)]
    anything = any(len(own) or len(target["boxes"]) for own, target in zip(kept, targets, strict=True))
    return kept if anything else [*proposals]


def _excused(proposals: Tensor, target: Target) -> Tensor:
    """Tell which proposals lie mostly in an ignored box, and on no target."""
    inside = within(proposals, target["ignored"])
    if not len(target["boxes"]) or not inside.any():
        return inside
    on_target: Tensor = box_iou(proposals, target["boxes"]).amax(dim=1) >= 0.5
    return inside & ~on_target
