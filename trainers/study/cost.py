"""What training costs: parameters, and floating-point operations as torch counts them."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch.utils.flop_counter import FlopCounterMode, conv_flop_count

from synthgen.core.types import Size
from trainers.config.segmentation import SegmentationConfig
from trainers.models.registry import build_network
from trainers.tasks.segmentation.task import Segmentation

__all__ = ["Cost", "cost_of", "within_budget"]


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


def cost_of(config: SegmentationConfig, size: Size) -> Cost:
    """Count on two random pictures; convolutions and matrix products are counted, the rest is small beside them."""
    module = Segmentation(build_network(config.model_copy(update={"weights": "none"})), config).train()
    images = torch.randint(0, 256, (2, 3, *size), dtype=torch.uint8)
    masks = images[:, :1] > 127
    with FlopCounterMode(display=False, custom_mapping={torch.ops.aten.convolution_backward: _backward}) as training:
        module.loss_of(images, masks).backward()
    with FlopCounterMode(display=False) as forward, torch.no_grad():
        module(images)
    parameters = list(module.network.parameters())
    return Cost(
        sum(parameter.numel() for parameter in parameters),
        sum(parameter.numel() for parameter in parameters if parameter.requires_grad),
        forward.get_total_flops() / 2,
        training.get_total_flops() / 2,
    )


def _backward(  # type: ignore[no-untyped-def]  # torch hands over shapes in the operator's order
    gradient, image, weight, bias, stride, padding, dilation, transposed, output_padding, groups, mask, **_
) -> int:
    """Count a convolution's backward pass: as much as the forward one for each of pictures and weights that need it.

    torch's own count takes grouped convolutions for full ones, and depthwise ones for hundreds of times what they cost.
    """
    return (mask[0] + mask[1]) * int(conv_flop_count(image, weight, gradient, transposed=transposed))


def within_budget(config: SegmentationConfig, cost: Cost, present: int, budget: float) -> SegmentationConfig:
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
