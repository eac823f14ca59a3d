"""What a segmenter's outputs mean, class by class, whether classes exclude each other or not."""

from __future__ import annotations

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

__all__ = ["class_logits", "class_probabilities", "found_classes", "numbers_of"]

LEAST = 1e-6  # of 1 − p: where a class is surer than that, its odds are as good as infinite


def class_probabilities(outputs: Float[Tensor, "b c h w"], *, softmax: bool) -> Float[Tensor, "b k h w"]:
    """Return the probability of each class for every pixel.

    Args:
        outputs: Of the network: a logit for each class, and with `softmax` one for the background before them.
        softmax: Whether classes and background exclude each other.
    """
    return outputs.softmax(dim=1)[:, 1:] if softmax else outputs.sigmoid()


def class_logits(outputs: Float[Tensor, "b c h w"], *, softmax: bool) -> Float[Tensor, "b k h w"]:
    """Return log p / (1 − p) of each class: the logits of its own mask against all else, whose sigmoid is p."""
    if not softmax:
        return outputs
    logs = outputs.log_softmax(dim=1)[:, 1:]
    return logs - torch.log((-torch.expm1(logs)).clamp(min=LEAST))


def found_classes(logits: Float[Tensor, "b k h w"]) -> Int[Tensor, "b 1 h w"]:
    """Return the number of each pixel's surest class, from 1; 0 where it is more probably of none.

    It is what `trainers.predict.foreground.surest_classes` finds at a threshold of .5.
    """
    if logits.shape[1] == 1:
        return (logits > 0).long()
    shown = logits.sigmoid().sum(dim=1, keepdim=True) > 0.5
    return (logits.argmax(dim=1, keepdim=True) + 1) * shown


def numbers_of(masks: Bool[Tensor, "b k h w"]) -> Int[Tensor, "b 1 h w"]:
    """Return the number of the class that each pixel shows, from 1; 0 where it shows none."""
    numbers = torch.arange(1, masks.shape[1] + 1, device=masks.device).view(1, -1, 1, 1)
    return (masks * numbers).amax(dim=1, keepdim=True)
