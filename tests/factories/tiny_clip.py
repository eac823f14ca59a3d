"""CLIPs of a few thousand weights beside their table of words, built by open_clip and saved as it saves its own."""

from __future__ import annotations

from copy import deepcopy
from pathlib import Path
from typing import Any

import torch
from torch import nn

from trainers.clip.save import save_local_dir
from trainers.config.clip import ClipConfig

TEXT = {"context_length": 16, "vocab_size": 49408, "width": 16, "heads": 2, "layers": 2}
VIT: dict[str, Any] = {
    "embed_dim": 12,
    "vision_cfg": {"image_size": 32, "layers": 3, "width": 32, "head_width": 8, "patch_size": 8},
    "text_cfg": TEXT,
}
RESNET: dict[str, Any] = {
    "embed_dim": 12,
    "vision_cfg": {"image_size": 64, "layers": [1, 1, 1, 1], "width": 8},
    "text_cfg": TEXT,
}
HALF = (0.5, 0.5, 0.5)
OPENAI = ((0.48145466, 0.4578275, 0.40821073), (0.26862954, 0.26130258, 0.27577711))


def tiny_clip(described: dict[str, Any] = VIT, seed: int = 0, mean: Any = OPENAI[0], std: Any = OPENAI[1]) -> nn.Module:
    """Build a random model of which no part is silent, as zeros and ones at the beginning would be."""
    import open_clip

    with torch.random.fork_rng():
        torch.manual_seed(seed)
        model = open_clip.CLIP(**deepcopy(described)).eval()
        for parameter in model.parameters():
            parameter.data += 0.05 * torch.randn_like(parameter)
    size = described["vision_cfg"]["image_size"]
    open_clip.set_model_preprocess_cfg(model, {"size": size, "mean": mean, "std": std})
    return model


def saved_clip(folder: Path, described: dict[str, Any] = VIT, **options: Any) -> ClipConfig:
    """Save such a model into a folder, and return what opens it."""
    save_local_dir(folder, tiny_clip(described, **options), described)
    return ClipConfig(model=f"local-dir:{folder}")


def with_(described: dict[str, Any], part: str, **changes: Any) -> dict[str, Any]:
    """Return another description, with changes in `vision_cfg` or `text_cfg`."""
    return {**described, part: {**described[part], **changes}}
