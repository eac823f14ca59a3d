"""Losses of several classes, made of those of one mask.

Each takes outputs (batch, channels, height, width), masks of the classes (batch, classes, height, width), and pixels to
be ignored (batch, 1, height, width) or None, and returns a scalar.

A class's own loss is the loss of its mask against all else, by its own probability. With softmax, cross-entropy and
focal loss are instead those of the whole distribution over classes and background: each pixel counts once.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import torch
from torch import Tensor, nn
from torch.nn.functional import nll_loss

from trainers.config.registry import LOSSES
from trainers.tasks.segmentation.losses import Sum
from trainers.tasks.segmentation.outputs import class_logits, numbers_of

__all__ = ["EachClass", "SoftmaxLoss", "class_loss", "mean_over_classes"]

PARTS: Mapping[str, tuple[str, ...]] = {"bce_dice": ("bce", "dice")}  # losses that are sums of others
PIXELWISE = ("bce", "focal")  # losses of single pixels: a class that a batch does not show teaches, too
FOCUS = 2.0  # Lin et al. 2017


def class_loss(name: str, *, softmax: bool) -> nn.Module:
    """Return the loss of several classes by the name that the loss of one mask has.

    Args:
        name: In `trainers.config.registry.LOSSES`.
        softmax: Whether classes and background exclude each other.
    """
    terms = [_term(part, softmax=softmax) for part in PARTS.get(name, (name,))]
    return terms[0] if len(terms) == 1 else Sum(*terms)


class EachClass(nn.Module):
    """The mean over classes of the loss of each one's mask.

    Losses of regions, such as dice, say little of a class that a batch does not show: the mean is over those that it
    shows, and over all where it shows none.
    """

    def __init__(self, loss: nn.Module, *, softmax: bool, absent: bool) -> None:
        """Take a loss of one mask (logits, masks, ignore).

        Args:
            loss: Of one class.
            softmax: Whether classes and background exclude each other.
            absent: Whether classes that a batch does not show count, too.
        """
        super().__init__()
        self.loss, self.softmax, self.absent = loss, softmax, absent

    def forward(self, outputs: Tensor, masks: Tensor, ignore: Tensor | None = None) -> Tensor:
        """Return the mean."""
        logits = class_logits(outputs, softmax=self.softmax)
        counted = masks if ignore is None else masks * ~ignore
        shown = [place for place in range(masks.shape[1]) if self.absent or counted[:, place].any()]
        own = [
            self.loss(logits[:, place : place + 1], masks[:, place : place + 1], ignore)
            for place in shown or range(masks.shape[1])
        ]
        return torch.stack(own).mean()


class SoftmaxLoss(nn.Module):
    """Mean over pixels of (1 − p)^focus · −log p, where p is the probability of the true class or background."""

    def __init__(self, focus: float = 0.0) -> None:
        """Choose how much less weigh pixels that are sure already; 0: cross-entropy."""
        super().__init__()
        self.focus = focus

    def forward(self, outputs: Tensor, masks: Tensor, ignore: Tensor | None = None) -> Tensor:
        """Return the mean over all pixels that are not ignored; 0 where every pixel is."""
        losses = nll_loss(outputs.log_softmax(dim=1), numbers_of(masks > 0)[:, 0], reduction="none")
        if self.focus:
            losses = (-torch.expm1(-losses)) ** self.focus * losses
        kept = losses if ignore is None else losses[~ignore[:, 0]]
        return kept.mean() if kept.numel() else kept.sum()


def mean_over_classes(losses: Tensor, shown: Tensor) -> Tensor:
    """Return the mean of the losses (k) of classes that a picture shows, plus that of the others."""
    parts = [part.mean() for part in (losses[shown], losses[~shown]) if len(part)]
    return torch.stack(parts).sum()


SOFTMAX: Mapping[str, Callable[[], nn.Module]] = {"bce": SoftmaxLoss, "focal": lambda: SoftmaxLoss(FOCUS)}


def _term(name: str, *, softmax: bool) -> nn.Module:
    if softmax and name in SOFTMAX:
        return SOFTMAX[name]()
    return EachClass(LOSSES[name](), softmax=softmax, absent=name in PIXELWISE)
