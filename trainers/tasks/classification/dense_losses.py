"""Losses of a map of logits against exact masks, picture by picture: focal and dice, as DangerCLIP weighs them."""

from __future__ import annotations

from jaxtyping import Float
from torch import Tensor, sigmoid
from torchvision.ops import sigmoid_focal_loss

__all__ = ["ALPHA", "GAMMA", "dice_loss", "focal_loss"]

ALPHA, GAMMA = 0.25, 2.0


def focal_loss(
    logits: Float[Tensor, "b h w"], masks: Float[Tensor, "b h w"], counted: Float[Tensor, "b h w"]
) -> Tensor:
    """Return the mean focal loss (Lin et al. 2017) over the pixels that count, a scalar; 0 where none does.

    Args:
        logits: Of the foreground.
        masks: 1 where a target is seen, else 0.
        counted: 1 where a pixel counts, else 0.
    """
    each = sigmoid_focal_loss(logits, masks, alpha=ALPHA, gamma=GAMMA)
    mean: Tensor = (each * counted).sum() / counted.sum().clamp(min=1)
    return mean


def dice_loss(logits: Float[Tensor, "b h w"], masks: Float[Tensor, "b h w"], counted: Float[Tensor, "b h w"]) -> Tensor:
    """Return 1 − (2 Σpg + 1) / (Σp + Σg + 1), the mean over pictures that show a target, a scalar; 0 where none does.

    Args:
        logits: Of the foreground; p is their sigmoid.
        masks: g, 1 where a target is seen, else 0.
        counted: 1 where a pixel counts, else 0.
    """
    found, truth = ((part * counted).flatten(1) for part in (sigmoid(logits), masks))
    each = 1 - (2 * (found * truth).sum(1) + 1) / (found.sum(1) + truth.sum(1) + 1)
    shown = (truth.sum(1) > 0).float()
    return (each * shown).sum() / shown.sum().clamp(min=1)
