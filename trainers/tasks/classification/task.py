"""Classification of the row's label: does the picture show a target?"""

from __future__ import annotations

import numpy as np
from torch import nn

from synthgen.core.picture import Samples
from synthgen.core.types import Size
from synthgen.shards.reader import ShardDataset
from trainers.config.classification import ClassificationConfig
from trainers.config.registry import CLASSIFIERS
from trainers.loading.targets import Batch, Labelled, LabelTargets
from trainers.models.sides import check_sides
from trainers.task import Kind, Trained, Watched
from trainers.tasks.classification.checks import check_data
from trainers.tasks.classification.learner import Classification
from trainers.tasks.classification.predictor import ClassificationGraph, Classifies

__all__ = ["CLASSIFICATION", "ClassificationTask"]


class ClassificationTask:
    """See `trainers.task.Task`."""

    name = "classification"
    config = ClassificationConfig
    watched = Watched("val_balanced_accuracy", "max")
    kind: Kind = "labels"

    def check_size(self, size: Size) -> None:
        """Refuse sides that five halvings do not divide."""
        check_sides(size)

    def check_data(self, config: ClassificationConfig, dataset: ShardDataset | None, samples: Samples | None) -> None:
        """Refuse what cannot be learnt from; see `trainers.tasks.classification.checks`."""
        check_data(config, dataset, samples)

    def collate(self, config: ClassificationConfig) -> Labelled:
        """Return the collate of labels."""
        return Labelled()

    def network(self, config: ClassificationConfig) -> nn.Module:
        """Build the network that the config names, of one logit."""
        network: nn.Module = CLASSIFIERS[config.network](config)
        return network

    def learner(self, network: nn.Module, config: ClassificationConfig) -> Classification:
        """Return the module that trains it."""
        return Classification(network, config)

    def example(self, size: Size, count: int) -> Batch:
        """Return noise with labels in turn."""
        images = np.random.default_rng(0).integers(0, 256, (count, *size, 3), np.uint8)
        labels = LabelTargets(np.arange(count, dtype=np.float32) % 2, np.ones(count, bool))
        return Batch(images, labels, tuple(range(count)), count)

    def predictor(self, model: Trained) -> Classifies:
        """Return a predictor of labels."""
        return Classifies(model)

    def graph(self, model: Trained) -> nn.Module:
        """Return RGB uint8 (b, h, w, 3) → probabilities (b, 1)."""
        return ClassificationGraph(model.network)


CLASSIFICATION = ClassificationTask()
