"""Batch normalisation while a network learns: frozen where asked, shared between devices where there are several."""

from __future__ import annotations

from timm.layers.norm_act import convert_sync_batchnorm
from torch import nn
from torch.nn.modules.batchnorm import _BatchNorm as AnyBatchNorm  # of one, two and three dimensions, shared or not

__all__ = ["freeze_statistics", "share_statistics"]


def freeze_statistics(module: nn.Module) -> None:
    """Let all batch norm of `module` use its running statistics and leave them alone, until `train` is called again."""
    for layer in module.modules():
        if isinstance(layer, AnyBatchNorm):
            layer.eval()


def share_statistics(network: nn.Module, *, but: nn.Module | None = None) -> None:
    """Convert batch norm in place so that all devices normalise by the statistics of their batches together.

    What lies in `but`, a direct child of `network`, stays as it is: frozen statistics need no sharing. Activations
    that timm fuses with its batch norm stay, which torch's own conversion drops.
    """
    for name, child in network.named_children():
        if child is not but:
            setattr(network, name, convert_sync_batchnorm(child))
