"""A judge out of a config."""

from __future__ import annotations

from trainers.config.localizer import LocalizerConfig
from trainers.localize.class_judge import class_judge
from trainers.localize.clip_judge import ClipJudge
from trainers.localize.judge import Judge

__all__ = ["open_judge"]


def open_judge(config: LocalizerConfig) -> Judge:
    """Open what the method of a config stands on.

    Raises:
        TrainingError: It cannot be opened or has no last map, the size does not fit, or a prompt means nothing to it.
    """
    return ClipJudge(config) if config.ground == "clip" else class_judge(config)
