"""The rate of each step: each group of parameters rises to its own rate and falls from there."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial

from torch.optim import Optimizer
from torch.optim.lr_scheduler import LambdaLR, LRScheduler, OneCycleLR

from trainers.config.loop import TrainingConfig

__all__ = ["POWER", "cosine", "poly", "schedule_of"]

POWER = 0.9
"""Of "poly", as DeepLab has it (Chen et al. 2017)."""


def schedule_of(config: TrainingConfig, optimizer: Optimizer, steps: int) -> LRScheduler | None:
    """Return the schedule over `steps` steps of an optimiser whose groups hold their highest rates; None for constant.

    "onecycle" is torch's (Smith and Topin 2018): it rises for 30 % of the steps, and momentum moves against the rate.
    """
    if config.schedule == "constant":
        return None
    if config.schedule == "onecycle":
        return OneCycleLR(optimizer, max_lr=[group["lr"] for group in optimizer.param_groups], total_steps=steps)
    fall: Callable[..., float] = poly if config.schedule == "poly" else partial(cosine, floor=config.rate_floor)
    return LambdaLR(optimizer, lambda step: fall(step, steps, warmup=round(config.warmup * steps)))


def cosine(step: int, steps: int, *, warmup: int = 0, floor: float = 0.0) -> float:
    """Return the factor 0–1 of a step, from 0: it rises over `warmup` steps, then falls to `floor` as a cosine does."""
    if step < warmup:
        return _rise(step, warmup)
    return floor + (1 - floor) * (1 + math.cos(math.pi * _done(step, steps, warmup))) / 2


def poly(step: int, steps: int, *, warmup: int = 0) -> float:
    """Return the same, which falls to 0 as the share of the steps that is left, to the power of `POWER`."""
    if step < warmup:
        return _rise(step, warmup)
    return float((1 - _done(step, steps, warmup)) ** POWER)


def _rise(step: int, warmup: int) -> float:
    return (step + 1) / (warmup + 1)


def _done(step: int, steps: int, warmup: int) -> float:
    """Return the share of the steps after `warmup` that are done."""
    return min(1.0, (step - warmup) / max(1, steps - warmup))
