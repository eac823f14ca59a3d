"""Classification of the row's label: does the picture show a target?"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from rich.console import Console
from torch import nn

from synthgen.core.files import cache_folder
from synthgen.core.picture import Samples
from synthgen.core.types import Size, Split
from synthgen.shards.reader import ShardDataset
from trainers.clip.features import Features, find_features
from trainers.clip.load import open_tower
from trainers.config.classification import ClassificationConfig
from trainers.config.registry import CLASSIFIERS
from trainers.learn.data import row_transforms
from trainers.loading.targets import Batch, Dense, DenseTargets, Labelled, LabelTargets, MaskTargets
from trainers.models.sides import check_sides
from trainers.task import Kind, Trained, Watched
from trainers.tasks.classification.checks import check_data
from trainers.tasks.classification.clip_learner import OverClipLearner
from trainers.tasks.classification.learner import Classification
from trainers.tasks.classification.localizing import sight_of
from trainers.tasks.classification.over_clip import OverClip
from trainers.tasks.classification.predictor import Classifies, classifier_of, graph_of

__all__ = ["CLASSIFICATION", "ClassificationTask"]


class ClassificationTask:
    """See `trainers.task.Task`."""

    name = "classification"
    config = ClassificationConfig
    watched = Watched("val_balanced_accuracy", "max")
    kind: Kind = "labels"

    def check_size(self, size: Size, network: nn.Module) -> None:
        """Refuse sides that five halvings do not divide, or that the patches of a CLIP do not."""
        if isinstance(network, OverClip):
            network.check_size(size)
        else:
            check_sides(size)

    def check_data(self, config: ClassificationConfig, dataset: ShardDataset | None, samples: Samples | None) -> None:
        """Refuse what cannot be learnt from; see `trainers.tasks.classification.checks`."""
        check_data(config, dataset, samples)

    def prepare(self, config: ClassificationConfig, pictures: Mapping[Split, Samples], console: Console) -> None:
        """Let a CLIP look at all views of the training pictures, and at those of validation, where views recur.

        Raises:
            OutputError: What it saw cannot be written.
        """
        if not config.views:
            return
        assert config.clip is not None, "checked by the config"
        features = Features(open_tower(config.clip), cache_folder("features"), sight_of(config.network))
        for split, samples in pictures.items():
            views, steps = (config.views, row_transforms(config)) if split == "train" else (1, ())
            find_features(features, samples, console, title=split, views=views, transforms=steps)

    def collate(self, config: ClassificationConfig) -> Labelled | Dense:
        """Return the collate of labels; masks are decoded only where they are learnt."""
        return Dense() if config.learns_masks else Labelled()

    def network(self, config: ClassificationConfig) -> nn.Module:
        """Build the network that the config names, of one logit."""
        network: nn.Module = CLASSIFIERS[config.network](config)
        return network

    def learner(self, network: nn.Module, config: ClassificationConfig) -> Classification:
        """Return the module that trains it."""
        return OverClipLearner(network, config) if isinstance(network, OverClip) else Classification(network, config)

    def example(self, size: Size, count: int) -> Batch:
        """Return noise with labels in turn; the upper half of a picture of label 1 is its target."""
        images = np.random.default_rng(0).integers(0, 256, (count, *size, 3), np.uint8)
        labels, known = np.arange(count, dtype=np.float32) % 2, np.ones(count, bool)
        masks = np.zeros((count, *size), np.uint8)
        masks[1::2, : size[0] // 2] = 1
        targets = DenseTargets(LabelTargets(labels, known), MaskTargets(masks, [None] * count), known)
        return Batch(images, targets, tuple(range(count)), count)

    def predictor(self, model: Trained) -> Classifies:
        """Return a predictor of labels, which may tell more; see `trainers.tasks.classification.predictor`."""
        return classifier_of(model)

    def graph(self, model: Trained) -> nn.Module:
        """Return RGB uint8 (b, h, w, 3) → probabilities (b, 1), and perhaps maps (b, h, w)."""
        return graph_of(model.network)


CLASSIFICATION = ClassificationTask()
