"""Losses by name: `trainers.config.registry.LOSSES` lists the functions here that build them.

Each loss takes logits and masks (batch, 1, height, width), and pixels to be ignored or None, and returns a scalar.
"""

from __future__ import annotations

import cv2
import numpy as np
import torch
from segmentation_models_pytorch.losses import DiceLoss, FocalLoss, LovaszLoss, SoftBCEWithLogitsLoss, TverskyLoss
from torch import Tensor, nn

__all__ = [
    "BoundaryLoss",
    "Pooled",
    "Sum",
    "bce",
    "bce_dice",
    "boundary",
    "dice",
    "focal",
    "lovasz",
    "tversky",
]


class Pooled(nn.Module):
    """A loss over the pixels of a whole batch as one set; ignored pixels are taken out of the set."""

    def __init__(self, loss: nn.Module) -> None:
        """Take a loss of (logits, masks) that knows nothing of pictures."""
        super().__init__()
        self.loss = loss

    def forward(self, logits: Tensor, masks: Tensor, ignore: Tensor | None = None) -> Tensor:
        """Return the loss; 0 where every pixel is ignored."""
        if ignore is not None:
            kept = ~ignore
            logits, masks = (part[kept].view(1, 1, 1, -1) for part in (logits, masks))
            if not logits.numel():
                return logits.sum()
        loss: Tensor = self.loss(logits, masks)
        return loss


class Sum(nn.Module):
    """Several losses added up."""

    def __init__(self, *losses: nn.Module) -> None:
        """Take the terms."""
        super().__init__()
        self.losses = nn.ModuleList(losses)

    def forward(self, logits: Tensor, masks: Tensor, ignore: Tensor | None = None) -> Tensor:
        """Return their sum."""
        return torch.stack([loss(logits, masks, ignore) for loss in self.losses]).sum()


class BoundaryLoss(nn.Module):
    """Mean of probability times signed distance to the truth's edge, in frame diagonals (Kervadec et al. 2019).

    Distances are positive outside and negative inside. Images without a target have none and add nothing,
    which is why it comes with dice.
    """

    def forward(self, logits: Tensor, masks: Tensor, ignore: Tensor | None = None) -> Tensor:
        """Return the mean over all pixels that are not ignored; 0 where every pixel is."""
        found = np.stack([_signed_distance(mask) for mask in masks[:, 0].bool().cpu().numpy()])
        products = torch.sigmoid(logits[:, 0]) * torch.from_numpy(found).to(logits.device)
        if ignore is None:
            return products.mean()
        kept = products[~ignore[:, 0]]
        return kept.mean() if kept.numel() else kept.sum()


def dice() -> nn.Module:
    """Soft dice over the pixels of a whole batch (Milletari et al. 2016), from logits, as smp has it."""
    return Pooled(DiceLoss(mode="binary", from_logits=True, smooth=1.0))


def bce() -> nn.Module:
    """Mean binary cross-entropy."""
    return Pooled(SoftBCEWithLogitsLoss())


def bce_dice() -> nn.Module:
    """Sum of both."""
    return Sum(bce(), dice())


def focal() -> nn.Module:
    """Cross-entropy that weighs what is sure already less (Lin et al. 2017)."""
    return Pooled(FocalLoss(mode="binary"))


def tversky() -> nn.Module:
    """Dice in which misses weigh 0.7 and false alarms 0.3 (Salehi et al. 2017)."""
    return Pooled(TverskyLoss(mode="binary", alpha=0.3, beta=0.7, smooth=1.0))


def lovasz() -> nn.Module:
    """Lovász hinge: the IoU's convex extension (Berman et al. 2018)."""
    return Pooled(LovaszLoss(mode="binary"))


def boundary() -> nn.Module:
    """Dice and `BoundaryLoss`."""
    return Sum(dice(), BoundaryLoss())


def _signed_distance(mask: np.ndarray) -> np.ndarray:
    if not mask.any() or mask.all():
        return np.zeros(mask.shape, np.float32)
    inside, outside = (cv2.distanceTransform(part.astype(np.uint8), cv2.DIST_L2, 5) for part in (mask, ~mask))
    distance: np.ndarray = (outside - inside) / np.float32(np.hypot(*mask.shape))
    return distance
