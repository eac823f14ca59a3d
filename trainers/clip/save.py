"""A CLIP in open_clip's own format, a folder that `local-dir:FOLDER` loads anywhere."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from torch import nn

from synthgen.core.files import atomic_path, make_directory
from trainers.clip.libraries import library

__all__ = ["save_local_dir"]

WEIGHTS, CONFIG = "open_clip_model.safetensors", "open_clip_config.json"  # as open_clip looks for them


def save_local_dir(folder: Path, model: nn.Module, described: dict[str, Any]) -> None:
    """Write weights and config into `folder`; the config comes last, and without it nobody opens the folder.

    Args:
        folder: Is made where it is missing.
        model: Of open_clip, with the mean and deviation that `open_clip.set_model_preprocess_cfg` gave it.
        described: What the model was built from: `embed_dim`, `vision_cfg` and `text_cfg`.

    Raises:
        TrainingError: open_clip is not installed.
        OutputError: A file cannot be written.
    """
    safetensors, hub = library("safetensors.torch"), library("open_clip.push_to_hf_hub")
    make_directory(folder)
    (folder / CONFIG).unlink(missing_ok=True)
    with atomic_path(folder / WEIGHTS) as temporary:
        safetensors.save_file(model.state_dict(), temporary)
    with atomic_path(folder / CONFIG) as temporary:
        hub.save_config_for_hf(model, temporary, described)
