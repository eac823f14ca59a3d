"""Detection: boxes of all targets, by class, and masks where the network makes them."""

from __future__ import annotations

import numpy as np
from torch import nn

from synthgen.core.errors import TrainingError
from synthgen.core.picture import Boxes, Samples
from synthgen.core.types import Size
from synthgen.shards.reader import ShardDataset
from trainers.config.detection import DetectionConfig
from trainers.config.registry import DETECTORS
from trainers.loading.targets import Batch, Boxed, BoxTargets
from trainers.models.sides import STRIDE
from trainers.task import Graph, Kind, Trained, Watched
from trainers.tasks.detection.checks import check_data
from trainers.tasks.detection.export import graphs_of
from trainers.tasks.detection.learner import Detection
from trainers.tasks.detection.predictor import Finder

__all__ = ["DETECTION", "DetectionTask"]


class DetectionTask:
    """See `trainers.task.Task`."""

    name = "detection"
    config = DetectionConfig
    watched = Watched("val_ap50", "max")
    kind: Kind = "boxes"

    def check_size(self, size: Size) -> None:
        """Refuse pictures that are smaller than a cell of the last map; others are padded as the networks need it.

        Raises:
            TrainingError: A side is too short.
        """
        if min(size) < STRIDE:
            raise TrainingError(f"samples are {size[0]}×{size[1]}; detectors need sides of {STRIDE} pixels or more")

    def check_data(self, config: DetectionConfig, dataset: ShardDataset | None, samples: Samples | None) -> None:
        """Refuse what cannot be learnt from; see `trainers.tasks.detection.checks`."""
        check_data(config, dataset, samples)

    def collate(self, config: DetectionConfig) -> Boxed:
        """Return the collate of boxes; masks are decoded only where they are learnt."""
        return Boxed(amodal=config.boxes == "amodal", masks=config.learns_masks)

    def network(self, config: DetectionConfig) -> nn.Module:
        """Build one of `trainers.config.registry.DETECTORS`."""
        network: nn.Module = DETECTORS[config.network](config)
        return network

    def learner(self, network: nn.Module, config: DetectionConfig) -> Detection:
        """Return the module that trains it."""
        return Detection(network, config)

    def example(self, size: Size, count: int) -> Batch:
        """Return noise with a box in the middle of each picture, and its mask."""
        images = np.random.default_rng(0).integers(0, 256, (count, *size, 3), np.uint8)
        (top, left), (bottom, right) = ([round(side * share) for side in size] for share in (0.25, 0.75))
        masks = np.zeros((count, *size), np.uint8)
        masks[:, top:bottom, left:right] = 1
        boxes = Boxes.of([(left, top, right, bottom)], [""], numbers=[1])
        targets = BoxTargets([boxes] * count, masks=masks, masked={*range(count)})
        return Batch(images, targets, tuple(range(count)), count)

    def predictor(self, model: Trained) -> Finder:
        """Return a predictor of boxes."""
        return Finder(model)

    def graph(self, model: Trained) -> nn.Module:
        """Return the first of the graphs."""
        return self.graphs(model)[0].module

    def graphs(self, model: Trained) -> tuple[Graph, ...]:
        """Return one graph, or two and perhaps a third for masks; see `trainers.tasks.detection.export`."""
        return graphs_of(model)


DETECTION = DetectionTask()
