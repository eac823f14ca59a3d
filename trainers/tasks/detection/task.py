"""Detection: boxes of all targets, by class, and masks where the network makes them."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from rich.console import Console
from torch import nn

from synthgen.core.errors import TrainingError
from synthgen.core.picture import Boxes, Samples
from synthgen.core.types import Size, Split
from synthgen.parallel import EngineConfig
from synthgen.shards.reader import ShardDataset
from trainers.config.detection import DetectionConfig
from trainers.config.registry import DETECTORS
from trainers.loading.targets import Batch, Boxed, BoxTargets
from trainers.models.sides import STRIDE
from trainers.proposals.store import find_proposals
from trainers.task import Graph, Kind, Trained, Watched
from trainers.tasks.detection.checks import check_data
from trainers.tasks.detection.export import graphs_of
from trainers.tasks.detection.learner import Detection
from trainers.tasks.detection.predictor import Finder
from trainers.tasks.detection.proposing import Proposed, store_of

__all__ = ["DETECTION", "DetectionTask"]

REGIONS = 400  # of a made-up picture: enough to learn from as many as of a real one


class DetectionTask:
    """See `trainers.task.Task`."""

    name = "detection"
    config = DetectionConfig
    watched = Watched("val_ap50", "max")
    kind: Kind = "boxes"

    def check_size(self, size: Size, network: nn.Module) -> None:
        """Refuse pictures that are smaller than a cell of the last map; others are padded as the networks need it.

        Raises:
            TrainingError: A side is too short.
        """
        if min(size) < STRIDE:
            raise TrainingError(f"samples are {size[0]}×{size[1]}; detectors need sides of {STRIDE} pixels or more")

    def check_data(self, config: DetectionConfig, dataset: ShardDataset | None, samples: Samples | None) -> None:
        """Refuse what cannot be learnt from; see `trainers.tasks.detection.checks`."""
        check_data(config, dataset, samples)

    def prepare(self, config: DetectionConfig, pictures: Mapping[Split, Samples], console: Console) -> None:
        """Find the proposals of all pictures, where the network needs them, by as many workers as `threads` says.

        Raises:
            OutputError: They cannot be written.
        """
        if config.needs_proposals:
            engine, store = EngineConfig(workers=config.threads), store_of(config)
            for split, samples in pictures.items():
                find_proposals(samples, store, engine, console, title=split)

    def collate(self, config: DetectionConfig) -> Boxed:
        """Return the collate of boxes; masks are decoded only where they are learnt, and proposals where needed."""
        if config.needs_proposals:
            return Proposed(amodal=config.boxes == "amodal", store=store_of(config))
        return Boxed(amodal=config.boxes == "amodal", masks=config.learns_masks)

    def network(self, config: DetectionConfig) -> nn.Module:
        """Build one of `trainers.config.registry.DETECTORS`."""
        network: nn.Module = DETECTORS[config.network](config)
        return network

    def learner(self, network: nn.Module, config: DetectionConfig) -> Detection:
        """Return the module that trains it."""
        return Detection(network, config)

    def example(self, size: Size, count: int) -> Batch:
        """Return noise with a box in the middle of each picture, its mask, and regions about it."""
        images = np.random.default_rng(0).integers(0, 256, (count, *size, 3), np.uint8)
        (top, left), (bottom, right) = ([round(side * share) for side in size] for share in (0.25, 0.75))
        masks = np.zeros((count, *size), np.uint8)
        masks[:, top:bottom, left:right] = 1
        boxes = Boxes.of([(left, top, right, bottom)], [""], numbers=[1])
        shifts = np.random.default_rng(1).uniform(-0.2, 0.2, (REGIONS, 4)) * [*size[::-1], *size[::-1]]
        regions = (boxes.xyxy + shifts).astype(np.int16)
        places = range(count)
        targets = BoxTargets([boxes] * count, masks=masks, masked={*places}, regions=dict.fromkeys(places, regions))
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
