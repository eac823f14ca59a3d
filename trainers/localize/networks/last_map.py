"""The part of a classifier that gives its last map, found by watching it look."""

from __future__ import annotations

from functools import partial
from typing import Any

import torch
from torch import Tensor, nn

from synthgen.core.errors import TrainingError
from synthgen.core.types import Size

__all__ = ["last_map"]

TRIED: Size = (192, 320)  # pixels: no square, so that a map is told from whatever else has four axes
OTHER = "choose a network of convolutions, e.g. mobilenet_v2 or resnet50"
TOLERANCE = 0.15  # of height / width: borders that are cut off change it


@torch.no_grad()
def last_map(title: str, network: nn.Module) -> tuple[nn.Module, int]:
    """Return the last part whose output has places, before pooling and head, and the number of logits.

    Of torchvision's ResNets it is `layer4`, of its MobileNets and SqueezeNets `features`.

    Raises:
        TrainingError: The last such output is no map (b, c, down, across): the network is a transformer, or takes
            pictures of one size only.
    """
    seen = list[tuple[nn.Module, Tensor]]()
    hooks = [part.register_forward_hook(partial(_keep, seen)) for part in _before_the_head(network)]
    try:
        logits: Tensor = network(torch.zeros(1, 3, *TRIED, device=next(network.parameters()).device))
    except (AssertionError, RuntimeError) as error:
        reason = str(error).partition("\n")[0]
        raise TrainingError(f"{title} takes pictures of one size only: {reason}; {OTHER}") from error
    finally:
        for hook in hooks:
            hook.remove()
    if not seen or not _is_map(seen[-1][1]):
        raise TrainingError(f"{title} has no last map of convolutions; {OTHER}")
    return seen[-1][0], logits.shape[1]


def _before_the_head(network: nn.Module) -> list[nn.Module]:
    """Return all parts but poolings and those of torchvision's heads, where SqueezeNet has maps of classes."""
    heads = set(getattr(network, "classifier", nn.Identity()).modules())
    return [part for part in network.modules() if part not in heads and not isinstance(part, nn.AdaptiveAvgPool2d)]


def _keep(seen: list[tuple[nn.Module, Tensor]], part: nn.Module, _taken: Any, given: Any) -> None:
    if isinstance(given, Tensor) and given.dim() > 2 and given.shape[2:].numel() > 1:
        seen.append((part, given))


def _is_map(found: Tensor) -> bool:
    if found.dim() != 4:
        return False
    down, across = found.shape[-2:]
    return abs(down / across - TRIED[0] / TRIED[1]) <= TOLERANCE
