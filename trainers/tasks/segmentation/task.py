"""Segmentation: masks of all targets as one foreground, or of several classes."""

from __future__ import annotations

import numpy as np
from torch import nn

from synthgen.core.types import Size
from trainers.config.segmentation import SegmentationConfig
from trainers.loading.targets import Batch, Masked, MaskTargets
from trainers.models.registry import build_network
from trainers.models.sides import check_sides
from trainers.task import Kind, Trained, Watched
from trainers.tasks.segmentation.export import SegmentationGraph
from trainers.tasks.segmentation.learner import Segmentation
from trainers.tasks.segmentation.predictor import Segmenter

__all__ = ["SEGMENTATION", "SegmentationTask"]


class SegmentationTask:
    """See `trainers.task.Task`."""

    name = "segmentation"
    config = SegmentationConfig
    watched = Watched("val_foreground_iou", "max")
    kind: Kind = "pixels"

    def check_size(self, size: Size, network: nn.Module) -> None:
        """Refuse sides that five halvings do not divide."""
        check_sides(size)

    def collate(self, config: SegmentationConfig) -> Masked:
        """Return the collate of masks, of classes where they are told apart."""
        return Masked(config)

    def network(self, config: SegmentationConfig) -> nn.Module:
        """Build one of `trainers.config.registry.NETWORKS`."""
        return build_network(config)

    def learner(self, network: nn.Module, config: SegmentationConfig) -> Segmentation:
        """Return the module that trains it."""
        return Segmentation(network, config)

    def example(self, size: Size, count: int) -> Batch:
        """Return noise; about half of its pixels are foreground."""
        images = np.random.default_rng(0).integers(0, 256, (count, *size, 3), np.uint8)
        masks = (images[..., 0] > 127).astype(np.uint8)
        return Batch(images, MaskTargets(masks, [None] * count), tuple(range(count)), count)

    def predictor(self, model: Trained) -> Segmenter:
        """Return a predictor of pixels."""
        return Segmenter(model)

    def graph(self, model: Trained) -> nn.Module:
        """Return RGB uint8 (b, h, w, 3) → probabilities (b, classes, h, w)."""
        config = model.config
        assert isinstance(config, SegmentationConfig), "a model of this task"
        return SegmentationGraph(model.network, softmax=config.softmax)


SEGMENTATION = SegmentationTask()
