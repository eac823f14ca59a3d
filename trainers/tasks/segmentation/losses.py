"""Losses by name; each takes logits and masks (batch, 1, height, width) and returns a scalar."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
import torch
from segmentation_models_pytorch.losses import DiceLoss, FocalLoss, LovaszLoss, SoftBCEWithLogitsLoss, TverskyLoss
from torch import Tensor, nn

from synthgen.core.registry import Registry

__all__ = ["LOSSES", "BoundaryLoss", "Sum", "dice_loss"]


def dice_loss() -> nn.Module:
    """Soft dice over the pixels of a whole batch (Milletari et al. 2016), from logits, as smp has it."""
    return DiceLoss(mode="binary", from_logits=True, smooth=1.0)


class Sum(nn.Module):
    """Several losses added up."""

    def __init__(self, *losses: nn.Module) -> None:
        """Take the terms."""
        super().__init__()
        self.losses = nn.ModuleList(losses)

    def forward(self, logits: Tensor, masks: Tensor) -> Tensor:
        """Return their sum."""
        return torch.stack([loss(logits, masks) for loss in self.losses]).sum()


class BoundaryLoss(nn.Module):
    """Mean of probability times signed distance to the truth's edge, in frame diagonals (Kervadec et al. 2019).

    Distances are positive outside and negative inside. Images without a target have none and add nothing,
    which is why it comes with dice.
    """

    def forward(self, logits: Tensor, masks: Tensor) -> Tensor:
        """Return the mean over all pixels."""
        distances = np.stack([_signed_distance(mask) for mask in masks[:, 0].bool().cpu().numpy()])
        return (torch.sigmoid(logits[:, 0]) * torch.from_numpy(distances).to(logits.device)).mean()


LOSSES: Registry[Callable[[], nn.Module]] = Registry("loss")
LOSSES.register("dice", dice_loss)
LOSSES.register("bce", SoftBCEWithLogitsLoss)
LOSSES.register("bce_dice", lambda: Sum(SoftBCEWithLogitsLoss(), dice_loss()))
LOSSES.register("focal", lambda: FocalLoss(mode="binary"))
LOSSES.register("tversky", lambda: TverskyLoss(mode="binary", alpha=0.3, beta=0.7, smooth=1.0))
LOSSES.register("lovasz", lambda: LovaszLoss(mode="binary"))
LOSSES.register("boundary", lambda: Sum(dice_loss(), BoundaryLoss()))


def _signed_distance(mask: np.ndarray) -> np.ndarray:
    if not mask.any() or mask.all():
        return np.zeros(mask.shape, np.float32)
    inside, outside = (cv2.distanceTransform(part.astype(np.uint8), cv2.DIST_L2, 5) for part in (mask, ~mask))
    distance: np.ndarray = (outside - inside) / np.float32(np.hypot(*mask.shape))
    return distance
