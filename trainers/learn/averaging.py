"""A moving average of weights that follows them closely at first and slowly later."""

from __future__ import annotations

import torch
from lightning.pytorch.callbacks import WeightAveraging
from torch import Tensor

__all__ = ["MovingAverage", "decay_at"]


class MovingAverage(WeightAveraging):
    """Lightning's average of weights and buffers after each step, which is scored and kept, with a decay that grows."""

    def __init__(self, decay: float) -> None:
        """Set the decay that is reached in the end."""

        def average(averaged: Tensor, current: Tensor, count: Tensor) -> Tensor:
            share = decay_at(count, decay)
            return share * averaged + (1 - share) * current

        super().__init__(avg_fn=average)


def decay_at(count: Tensor, decay: float) -> Tensor:
    """Return what stays of an average of `count` steps: (1 + count) / (10 + count), at most `decay`.

    So the first, almost random weights are soon forgotten, however short a training is; TensorFlow's
    `ExponentialMovingAverage` warms up in the same way.
    """
    return torch.clamp((1 + count) / (10 + count), max=decay)
