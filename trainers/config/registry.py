"""What a config may name, as name → "module:object". Names are known before torch is imported.

A package that adds a network, a loss or a task registers it here and changes nothing else.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from pydantic import GetCoreSchemaHandler
from pydantic_core import CoreSchema, core_schema

from synthgen.core.registry import LazyRegistry

__all__ = ["ANNOTATORS", "CLASSIFIERS", "CONFIGS", "DETECTORS", "LOCALIZERS", "LOSSES", "NETWORKS", "OneOf"]

CONFIGS: LazyRegistry[Any] = LazyRegistry("task")
"""The config model of each task, a subclass of `TrainingConfig`."""
CONFIGS.register("segmentation", "trainers.config.segmentation:SegmentationConfig")
CONFIGS.register("classification", "trainers.config.classification:ClassificationConfig")
CONFIGS.register("contrastive", "trainers.config.contrastive:ContrastiveConfig")
CONFIGS.register("detection", "trainers.config.detection:DetectionConfig")

NETWORKS: LazyRegistry[Callable[[Any], Any]] = LazyRegistry("network")
"""Functions from a `SegmentationConfig` to a network of its `channels` logits a pixel."""
for _name in ("unet", "unetplusplus", "fpn", "deeplabv3plus", "segformer"):
    NETWORKS.register(_name, "trainers.models.encoder_network:from_config")
NETWORKS.register("plain_unet", "trainers.models.plain_unet:from_config")
NETWORKS.register("transfer", "trainers.models.transfer:from_config")

DETECTORS: LazyRegistry[Callable[[Any], Any]] = LazyRegistry("network")
"""Functions from a `DetectionConfig` to a network; see `trainers.models.detectors.detector`."""
for _name in ("fast_rcnn", "faster_rcnn", "mask_rcnn", "rcnn", "ssdlite"):
    DETECTORS.register(_name, f"trainers.models.detectors.{_name}:from_config")

CLASSIFIERS: LazyRegistry[Callable[[Any], Any]] = LazyRegistry("network")
"""Functions from a `ClassificationConfig` to a network of one logit a picture; see `trainers.models.classifier`."""
for _name in ("timm", "resnet50", "vgg16"):
    CLASSIFIERS.register(_name, f"trainers.models.classifier:{_name}")
for _name in ("danger_clip", "clip_linear", "clip_zero_shot"):
    CLASSIFIERS.register(_name, f"trainers.tasks.classification.over_clip:{_name}")
for _name in ("ts_cam", "lctr"):
    CLASSIFIERS.register(_name, f"trainers.tasks.classification.localizing:{_name}")

LOSSES: LazyRegistry[Callable[[], Any]] = LazyRegistry("loss")
"""Functions that build a module of (logits, masks, ignore) → scalar; see `trainers.tasks.segmentation.losses`."""
for _name in ("dice", "bce", "bce_dice", "focal", "tversky", "lovasz", "boundary"):
    LOSSES.register(_name, f"trainers.tasks.segmentation.losses:{_name}")

ANNOTATORS: LazyRegistry[Callable[[Any], Any]] = LazyRegistry("method")
"""Functions from a `PseudoLabelConfig` to a `trainers.pseudo.annotator.Annotator`."""
ANNOTATORS.register("grounding_dino_sam", "trainers.pseudo.grounding:from_config")
ANNOTATORS.register("grabcut", "trainers.pseudo.boxed:from_config")

LOCALIZERS: LazyRegistry[Callable[[Any], Any]] = LazyRegistry("method")
"""Functions from a `LocalizerConfig` to a `trainers.localize.localizer.Localizer`."""
for _name in ("centre", "uniform"):
    LOCALIZERS.register(_name, f"trainers.localize.methods.baselines:{_name}")
for _name in ("raw", "gem", "clip_text_span", "cam", "grad_cam", "score_cam"):
    LOCALIZERS.register(_name, f"trainers.localize.methods.{_name}:{_name}")
for _name in ("ts_cam", "lctr"):
    LOCALIZERS.register(_name, f"trainers.localize.methods.learnt:{_name}")


@dataclass(frozen=True, eq=False, slots=True)
class OneOf:
    """That a text is a name in a registry, for `Annotated`.

    Attributes:
        registry: As it is when a config is validated.
    """

    registry: LazyRegistry[Any]

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        """Check the name once it is text."""
        return core_schema.no_info_after_validator_function(self._checked, handler(source))

    def _checked(self, name: str) -> str:
        if name not in self.registry:
            known = ", ".join(self.registry)
            raise ValueError(f"unknown {self.registry.noun} {name!r}; choose one of: {known}")
        return name
