"""A localizer out of a config."""

from __future__ import annotations

from trainers.config.localizer import LocalizerConfig
from trainers.config.registry import LOCALIZERS
from trainers.localize.localizer import Localizer

__all__ = ["open_localizer"]


def open_localizer(config: LocalizerConfig) -> Localizer:
    """Open it.

    Raises:
        TrainingError: It cannot be opened, or its CLIP is none that the method can use; a prompt means nothing to it.
    """
    localizer: Localizer = LOCALIZERS[config.method](config)
    return localizer
