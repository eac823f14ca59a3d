"""All networks by name: each entry builds one from its training config."""

from __future__ import annotations

from collections.abc import Callable

from torch import nn

from synthgen.core.errors import ConfigError, TrainingError
from synthgen.core.registry import Registry
from trainers.config.training import TrainingConfig
from trainers.models.encoder_network import ARCHITECTURES, encoder_network
from trainers.models.plain_unet import PlainUNet
from trainers.models.transfer import transfer_network

__all__ = ["NETWORKS", "build_network"]

NETWORKS: Registry[Callable[[TrainingConfig], nn.Module]] = Registry("network")
for _name in ARCHITECTURES:
    NETWORKS.register(_name, lambda config: encoder_network(config.network, config.encoder, config.weights))
NETWORKS.register(
    "plain_unet", lambda config: PlainUNet(config.width, kernel=config.kernel, batch_norm=config.batch_norm)
)
NETWORKS.register(
    "transfer",
    lambda config: transfer_network(
        config.encoder,
        config.weights,
        width=config.width,
        kernel=config.kernel,
        batch_norm=config.batch_norm,
        activation=config.activation,
        alpha=config.alpha,
    ),
)


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
