"""Networks of segmentation by name: `trainers.config.registry.NETWORKS`, built from a config."""

from __future__ import annotations

from torch import nn

from synthgen.core.errors import ConfigError, TrainingError
from trainers.config.registry import NETWORKS
from trainers.config.segmentation import SegmentationConfig

__all__ = ["build_network"]


def build_network(config: SegmentationConfig) -> nn.Module:
    """Build the network that `config` names.

    Raises:
        TrainingError: The network or encoder is unknown, or its weights do not fit.
    """
    try:
        build = NETWORKS[config.network]
    except ConfigError as error:
        raise TrainingError(f"training: {error}") from None
    network: nn.Module = build(config)
    return network
