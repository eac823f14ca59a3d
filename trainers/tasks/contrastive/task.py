"""Contrastive learning of pictures and of captions made from their scenes, by a small CLIP of open_clip's classes."""

from __future__ import annotations

from pathlib import Path
from typing import Any, cast

import numpy as np
import torch
from torch import nn

from synthgen.core.errors import TrainingError
from synthgen.core.picture import Boxes, Samples
from synthgen.core.types import Size, Split
from synthgen.shards.reader import ShardDataset
from trainers.clip.save import save_local_dir
from trainers.clip.small import SmallClip, small_prompts
from trainers.config.contrastive import ContrastiveConfig
from trainers.loading.loader import ShardLoader
from trainers.loading.targets import Batch
from trainers.task import Kind, More, Trained, Watched
from trainers.tasks.contrastive.captions import Captioned, CaptionTargets, captions_of
from trainers.tasks.contrastive.learner import Contrastive
from trainers.tasks.contrastive.predictor import ZeroShot, ZeroShotGraph
from trainers.tasks.contrastive.recall import recall_of

__all__ = ["CONTRASTIVE", "ContrastiveTask"]

FOLDER = "open_clip"  # of the model, beside model.pt
BATCH = 64  # pictures to score at a time


class ContrastiveTask:
    """See `trainers.task.Task`; also a `ChecksData`, a `Publishes` and a `ScoresMore`."""

    name = "contrastive"
    config = ContrastiveConfig
    watched = Watched("val_recall_at_1", "max")
    kind: Kind = "labels"

    def check_size(self, size: Size, network: nn.Module) -> None:
        """Do nothing: the config has checked its size, to which pictures are brought."""

    def check_data(self, config: ContrastiveConfig, dataset: ShardDataset | None, samples: Samples | None) -> None:
        """Refuse what has no captions, or too long ones.

        Raises:
            DatasetError: The dataset cannot be read.
            TrainingError: Samples have no scenes to make captions of, or a caption does not fit into the context.
        """
        if dataset is None or samples is not None:
            raise TrainingError(f"{config.title}: captions are made of a dataset's scenes; generate one and give it")
        captions = set(captions_of(dataset, "train", config.noun))
        if len(captions) == 1:
            raise TrainingError(f"{config.title}: all pictures have the caption {captions.pop()!r}; vary the recipe")
        encode = small_prompts(config.title, config.context).encode
        longest = max(sorted(captions), key=lambda caption: len(encode(caption)))
        if len(encode(longest)) > config.context:
            raise TrainingError(
                f"{config.title}: the caption {longest!r} has {len(encode(longest))} tokens, start and end included; "
                f"context is {config.context}: raise it"
            )

    def collate(self, config: ContrastiveConfig) -> Captioned:
        """Return the collate of what captions are made of."""
        return Captioned()

    def network(self, config: ContrastiveConfig) -> SmallClip:
        """Build a small CLIP with random weights."""
        return SmallClip(config.network, config.size[0], config.context)

    def learner(self, network: nn.Module, config: ContrastiveConfig) -> Contrastive:
        """Return the module that trains it."""
        return Contrastive(cast(SmallClip, network), config)

    def example(self, size: Size, count: int) -> Batch:
        """Return noise with a target in the middle of every second picture."""
        images = np.random.default_rng(0).integers(0, 256, (count, *size, 3), np.uint8)
        (top, left), (bottom, right) = ([round(side * share) for side in size] for share in (0.25, 0.75))
        boxes = [Boxes.of([(left, top, right, bottom)], ["thing"]), Boxes.of((), ())]
        targets = CaptionTargets([boxes[n % 2] for n in range(count)], [()] * count, np.ones(count, bool))
        return Batch(images, targets, tuple(range(count)), count)

    def predictor(self, model: Trained) -> ZeroShot:
        """Return a predictor of labels that compares a picture with two prompts."""
        return ZeroShot(model, self.graph(model))

    def graph(self, model: Trained) -> ZeroShotGraph:
        """Return RGB uint8 (b, h, w, 3) → probabilities (b, 1)."""
        return ZeroShotGraph(cast(SmallClip, model.network), cast(ContrastiveConfig, model.config).noun)

    def publish(self, model: Trained, folder: Path) -> None:
        """Write open_clip/, a folder that open_clip opens as "local-dir:"."""
        network = cast(SmallClip, model.network)
        save_local_dir(folder / FOLDER, network.clip, network.described)

    def more(self, model: Trained, dataset: Path, split: Split, *, samples: int) -> More:
        """Return recall at 1 among the distinct captions of these samples, beside chance and the most frequent one."""
        network, noun = cast(SmallClip, model.network), cast(ContrastiveConfig, model.config).noun
        how: dict[str, Any] = {"batch_size": BATCH, "seed": 0, "shuffle": False, "size": model.size, "samples": samples}
        loader = ShardLoader(dataset, split, collate=Captioned(), **how)
        images, captions = list[torch.Tensor](), list[str]()
        for batch in loader:
            targets: CaptionTargets = batch.targets
            images.append(model.outputs(batch.images).cpu()[torch.from_numpy(targets.known)])
            told = targets.captions([own.xyxy for own in targets.boxes], model.size[1], noun)
            captions += [caption for caption, known in zip(told, targets.known, strict=True) if known]
        device = network.clip.logit_scale.device
        found = recall_of(torch.cat(images).to(device), network.prompts(captions).to(device), network.texts)
        return More(
            {"recall_at_1": found.right.astype(np.float64)},
            {"chance": {"recall_at_1": found.chance}, "most frequent caption": {"recall_at_1": found.commonest}},
        )


CONTRASTIVE = ContrastiveTask()
