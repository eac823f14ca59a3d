"""Losses by name; each takes logits and masks (batch, 1, height, width) and returns a scalar."""

from __future__ import annotations

from segmentation_models_pytorch.losses import DiceLoss
from torch import nn

__all__ = ["dice_loss"]


def dice_loss() -> nn.Module:
    """Soft dice over the pixels of a whole batch (Milletari et al. 2016), from logits, as smp has it."""
    return DiceLoss(mode="binary", from_logits=True, smooth=1.0)
