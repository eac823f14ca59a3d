"""A tower out of a config; no reader need know which library it comes from."""

from __future__ import annotations

import torch

from trainers.clip.open_clip_towers import open_clip_tower
from trainers.clip.tower import Tower
from trainers.clip.transformers_tower import transformers_tower
from trainers.config.clip import TRANSFORMERS, ClipConfig

__all__ = ["open_tower"]


def open_tower(config: ClipConfig) -> Tower:
    """Load a CLIP, frozen, onto the GPU where there is one.

    Raises:
        TrainingError: The library is not installed; model, weights or tokenizer are missing, half downloaded or do not
            fit together; it has no such tower.
    """
    load = transformers_tower if config.model.startswith(TRANSFORMERS) else open_clip_tower
    return load(config).to("cuda" if torch.cuda.is_available() else "cpu")
