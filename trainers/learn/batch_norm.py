"""Normalisation: frozen while a network learns, shared between devices, estimated anew, told from other layers."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from timm.layers.norm_act import convert_sync_batchnorm
from torch import nn
from torch.nn.modules.batchnorm import _BatchNorm as AnyBatchNorm  # of one, two and three dimensions, shared or not

__all__ = ["estimated_anew", "freeze_statistics", "has_statistics", "norms_of", "share_statistics"]


@contextmanager
def estimated_anew(network: nn.Module) -> Iterator[None]:
    """Let all batch norm of an evaluating `network` forget its statistics, and take the mean of those of the batches.

    Within the context each batch is normalised by its own statistics, as while learning; all else evaluates.
    Afterwards the network evaluates by the new ones.
    """
    layers = [(layer, layer.momentum) for layer in _with_statistics(network)]
    for layer, _ in layers:
        layer.reset_running_stats()
        layer.momentum = None  # torch's word for a plain mean
        layer.train()
    try:
        yield
    finally:
        for layer, momentum in layers:
            layer.momentum = momentum
            layer.eval()


def has_statistics(network: nn.Module) -> bool:
    """Tell whether any batch norm of `network` goes by statistics of what it has seen."""
    return bool(_with_statistics(network))


def freeze_statistics(module: nn.Module) -> None:
    """Let all batch norm of `module` use its running statistics and leave them alone, until `train` is called again."""
    for layer in module.modules():
        if isinstance(layer, AnyBatchNorm):
            layer.eval()


def norms_of(network: nn.Module) -> set[nn.Parameter]:
    """Return weights and offsets of all norms of `network`: of batches, of layers, of groups."""
    norms = (AnyBatchNorm, nn.LayerNorm, nn.GroupNorm)
    return {own for layer in network.modules() if isinstance(layer, norms) for own in layer.parameters(recurse=False)}


def share_statistics(network: nn.Module, *, but: nn.Module | None = None) -> None:
    """Convert batch norm in place so that all devices normalise by the statistics of their batches together.

    What lies in `but`, a direct child of `network`, stays as it is: frozen statistics need no sharing. Activations
    that timm fuses with its batch norm stay, which torch's own conversion drops.
    """
    for name, child in network.named_children():
        if child is not but:
            setattr(network, name, convert_sync_batchnorm(child))


def _with_statistics(network: nn.Module) -> list[AnyBatchNorm]:
    return [layer for layer in network.modules() if isinstance(layer, AnyBatchNorm) and layer.running_mean is not None]
