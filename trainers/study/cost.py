"""What training costs: parameters, and floating-point operations as torch counts them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
from torch.utils.flop_counter import FlopCounterMode, conv_flop_count

from synthgen.core.types import Size
from trainers.config.loop import TrainingConfig
from trainers.task import TASKS

__all__ = ["Cost", "cost_of", "within_budget"]

PICTURES = 2  # batch norm learns from two and more


@dataclass(frozen=True, slots=True)
class Cost:
    """Of one network at one picture size.

    Attributes:
        parameters: All of them.
        trainable: Those that learn.
        forward: Floating-point operations of predicting one picture.
        training: Of learning from one, forward and backward.
    """

    parameters: int
    trainable: int
    forward: float
    training: float

    def figures(self, *, pictures: int, seconds: float) -> dict[str, float]:
        """Return the columns of a result, for a training that saw so many pictures in so many seconds."""
        return {
            "parameters": self.parameters,
            "trainable": self.trainable,
            "gflop_forward": self.forward / 1e9,
            "tflop_training": self.training * pictures / 1e12,
            "images_per_second": pictures / seconds,
        }


def cost_of(config: TrainingConfig, size: Size) -> Cost:
    """Count on made-up pictures; convolutions and matrix products are counted, the rest is small beside them."""
    task = TASKS[config.task]
    config = config.bare()
    learner: Any = task.learner(task.network(config), config).train()  # a Learner, which floors below do not name
    batch = task.example(size, PICTURES)
    with FlopCounterMode(display=False, custom_mapping={torch.ops.aten.convolution_backward: _backward}) as training:
        loss = learner.loss_of(batch)
        if learner.learns:
            loss.backward()
    with FlopCounterMode(display=False) as forward, torch.no_grad():
        learner(learner.images_of(batch))
    parameters = list(learner.network.parameters())
    return Cost(
        sum(parameter.numel() for parameter in parameters),
        sum(parameter.numel() for parameter in parameters if parameter.requires_grad),
        forward.get_total_flops() / PICTURES,
        training.get_total_flops() / PICTURES,
    )


def _backward(  # type: ignore[no-untyped-def]  # torch hands over shapes in the operator's order
    gradient, image, weight, bias, stride, padding, dilation, transposed, output_padding, groups, mask, **_
) -> int:
    """Count a convolution's backward pass: as much as the forward one for each of pictures and weights that need it.

    torch's own count takes grouped convolutions for full ones, and depthwise ones for hundreds of times what they cost.
    """
    flops: int = (mask[0] + mask[1]) * conv_flop_count(image, weight, gradient, transposed=transposed)
    return flops


def within_budget(config: TrainingConfig, cost: Cost, present: int, budget: float) -> TrainingConfig:
    """Return the config with as many epochs, and in the last resort as few samples, as `budget` TFLOP allow.

    A whole number of epochs over the samples asked for comes as near to the budget as it can from below; where
    not even one epoch fits, it is one over as many samples as do.
    """
    pictures = int(budget * 1e12 / cost.training)
    samples = config.samples or present
    epochs = pictures // samples
    if epochs:
        return config.model_copy(update={"epochs": epochs})
    return config.model_copy(update={"epochs": 1, "samples": max(config.batch_size, min(pictures, present))})
