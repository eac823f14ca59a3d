"""All networks by name: each entry builds one from its training config."""

from __future__ import annotations

from collections.abc import Callable

from torch import nn

from synthgen.core.errors import ConfigError, TrainingError
from synthgen.core.registry import Registry
from trainers.config import TrainingConfig
from trainers.models.encoder_unet import encoder_unet
from trainers.models.plain_unet import PlainUNet

__all__ = ["NETWORKS", "build_network"]

NETWORKS: Registry[Callable[[TrainingConfig], nn.Module]] = Registry("network")
NETWORKS.register("unet", lambda config: encoder_unet(config.encoder, config.weights))
NETWORKS.register("plain_unet", lambda config: PlainUNet(config.width))


def build_network(config: TrainingConfig) -> nn.Module:
    """Build the network that `config` names.

    Raises:
        TrainingError: The network or encoder is unknown, or its weights do not fit.
    """
    try:
        build = NETWORKS[config.network]
    except ConfigError as error:
        raise TrainingError(f"training: {error}") from None
    return build(config)
