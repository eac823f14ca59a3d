"""The rate of each step: each group of parameters rises to its own rate and falls from there."""

from __future__ import annotations

import math

from torch.optim import Optimizer
from torch.optim.lr_scheduler import LambdaLR, LRScheduler, OneCycleLR

from trainers.config.loop import TrainingConfig

__all__ = ["cosine", "schedule_of"]


def schedule_of(config: TrainingConfig, optimizer: Optimizer, steps: int) -> LRScheduler | None:
    """Return the schedule over `steps` steps of an optimiser whose groups hold their highest rates; None for constant.

    "onecycle" is torch's (Smith and Topin 2018): it rises for 30 % of the steps, and momentum moves against the rate.
    """
    if config.schedule == "constant":
        return None
    if config.schedule == "onecycle":
        return OneCycleLR(optimizer, max_lr=[group["lr"] for group in optimizer.param_groups], total_steps=steps)
    return LambdaLR(optimizer, lambda step: cosine(step, steps, warmup=round(config.warmup * steps)))


def cosine(step: int, steps: int, *, warmup: int = 0) -> float:
    """Return the factor 0–1 of a step, from 0: it rises over `warmup` steps, then falls to 0 as a cosine does."""
    if step < warmup:
        return (step + 1) / (warmup + 1)
    return (1 + math.cos(math.pi * min(1.0, (step - warmup) / max(1, steps - warmup)))) / 2
