"""What a config may name, as name → "module:object". Names are known before torch is imported.

A package that adds a network, a loss or a task registers it here and changes nothing else.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from synthgen.core.registry import LazyRegistry

__all__ = ["CONFIGS", "LOSSES", "NETWORKS"]

CONFIGS: LazyRegistry[Any] = LazyRegistry("task")
"""The config model of each task, a subclass of `TrainingConfig`."""
CONFIGS.register("segmentation", "trainers.config.segmentation:SegmentationConfig")
CONFIGS.register("classification", "trainers.config.classification:ClassificationConfig")

NETWORKS: LazyRegistry[Callable[[Any], Any]] = LazyRegistry("network")
"""Functions from a `SegmentationConfig` to a network of its `channels` logits a pixel."""
for _name in ("unet", "unetplusplus", "fpn", "deeplabv3plus", "segformer"):
    NETWORKS.register(_name, "trainers.models.encoder_network:from_config")
NETWORKS.register("plain_unet", "trainers.models.plain_unet:from_config")
NETWORKS.register("transfer", "trainers.models.transfer:from_config")

LOSSES: LazyRegistry[Callable[[], Any]] = LazyRegistry("loss")
"""Functions that build a module of (logits, masks, ignore) → scalar; see `trainers.tasks.segmentation.losses`."""
for _name in ("dice", "bce", "bce_dice", "focal", "tversky", "lovasz", "boundary"):
    LOSSES.register(_name, f"trainers.tasks.segmentation.losses:{_name}")
