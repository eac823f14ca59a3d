"""A network out of a config."""

from __future__ import annotations

from trainers.config.localizer import LocalizerConfig
from trainers.localize.networks.of_classes import class_network
from trainers.localize.networks.of_clip import ClipNetwork
from trainers.localize.networks.scoring import ScoringNetwork

__all__ = ["open_network"]


def open_network(config: LocalizerConfig) -> ScoringNetwork:
    """Open what the method of a config stands on.

    Raises:
        TrainingError: It cannot be opened or has no last map, the size does not fit, or a prompt means nothing to it.
    """
    return ClipNetwork(config) if config.ground == "clip" else class_network(config)
