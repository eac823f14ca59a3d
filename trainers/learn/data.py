"""The loaders of a training, made in each process that trains, where its rank is known."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cached_property
from pathlib import Path
from typing import Any

import lightning
import numpy as np
import torch
from lightning.pytorch.callbacks import Callback

from synthgen.core.errors import TrainingError
from synthgen.core.picture import DecodedPicture, Picture, Samples
from synthgen.core.types import Split
from trainers.config.loop import TrainingConfig
from trainers.config.over_clip import OverClipConfig
from trainers.loading.classed import by_class
from trainers.loading.distortion import PhotometricDistortion
from trainers.loading.loader import BatchLoader, SampleLoader, ShardLoader
from trainers.loading.photographs import open_photographs
from trainers.loading.seen import Mixed, Viewed
from trainers.loading.source import SampleSource, ShardSource, Source
from trainers.loading.transform import Mirrored, Recompressed, Recurring, RowAugmentation, Transform
from trainers.loading.view import view_of
from trainers.task import TASKS

__all__ = ["Batches", "Epochs", "row_transforms"]


class Batches(lightning.LightningDataModule):
    """Batches of the split "train", or of samples instead, mixed with photographs, and of "val" where there is one."""

    def __init__(
        self, config: TrainingConfig, dataset: Path | None, samples: Samples | None, *, validates: bool
    ) -> None:
        """Open nothing yet.

        Raises:
            TrainingError: Nothing is given that the photographs leave a share for, or no size for photographs alone.
        """
        super().__init__()
        self._config, self._dataset, self._samples, self._validates = config, dataset, samples, validates
        self._alone = dataset is None and samples is None
        if self._alone and config.dataset_share > 0:
            raise TrainingError(
                f"photographs have {1 - config.dataset_share:g} of every epoch; give a dataset for the rest, "
                "or shares that add up to 1"
            )
        if self._alone and config.size is None:
            raise TrainingError("photographs alone have no one size; set size, e.g. [256, 256]")

    def train_dataloader(self) -> BatchLoader:
        """Open what is learnt from."""
        config = self._config
        options = {**self._options(), "shuffle": True, "transforms": row_transforms(config)}
        if config.photographs:
            return BatchLoader(self._mixed(), **options)
        options |= {"size": config.size, "crop": config.crop, "positive_share": config.positive_share}
        if self._samples is not None:
            return SampleLoader(self._samples, **options)
        assert self._dataset is not None, "checked before"
        return ShardLoader(self._dataset, "train", samples=config.samples, **options)

    def val_dataloader(self) -> Iterable[Any]:
        """Open what is validated on."""
        if not self._validates or self._dataset is None:
            return ()
        return ShardLoader(self._dataset, "val", shuffle=False, size=self._config.size, **self._options())

    def pictures(self) -> Mapping[Split, Samples]:
        """Return the pictures of each split as the network sees them, before any augmentation."""
        splits: tuple[Split, ...] = ("train", "val") if self.val_dataloader() else ("train",)
        return {split: _Shown(self, split) for split in splits}

    def _mixed(self) -> Mixed:
        """Open the dataset or the samples, where they have a share, and the photographs."""
        config, own = self._config, self._synthetic() if self._config.dataset_share > 0 else None
        size = config.size or (self._synthetic() if own is None else own).size
        photographs = [
            open_photographs(source, self._collate.columns, size=size, crop=config.crop, seed=config.seed)
            for source in config.photographs
        ]
        shares = [source.share for source in config.photographs]
        if own is None:
            return Mixed(photographs, shares)
        view = view_of(own.size, size, config.crop, config.seed)
        return Mixed([own if view is None else Viewed(own, view), *photographs], [config.dataset_share, *shares])

    def _synthetic(self) -> Source:
        if self._samples is not None:
            return by_class(SampleSource(self._samples), self._collate)
        assert self._dataset is not None, "checked before"
        source = ShardSource(self._dataset, "train", self._collate.columns, self._config.samples)
        return by_class(source, self._collate)

    @property
    def _collate(self) -> Any:
        return TASKS[self._config.task].collate(self._config)

    def _options(self) -> dict[str, Any]:
        config, trainer = self._config, self.trainer
        return {
            "collate": self._collate,
            "batch_size": config.batch_size,
            "seed": config.seed,
            "threads": config.threads,
            "pinned": config.device != "cpu" and torch.cuda.is_available(),
            "rank": trainer.global_rank if trainer else 0,
            "ranks": trainer.world_size if trainer else 1,
        }


def row_transforms(config: TrainingConfig) -> tuple[Transform, ...]:
    """Return what is done to training pictures one by one, as they are loaded; the rest of `augment` is `device_steps`.

    Where views recur, all of it is done here.
    """
    views = config.views if isinstance(config, OverClipConfig) else 0
    steps: list[Transform] = []
    if config.albumentations:
        steps.append(RowAugmentation(config.albumentations, config.seed))
    if views and config.augment == "ssd":
        steps.append(Mirrored(config.seed))
    if config.augment == "ssd":
        steps.append(PhotometricDistortion(config.seed))
    if config.augment is True:
        steps.append(Recompressed(config.seed))
    return tuple(Recurring(step, views) for step in steps) if views else tuple(steps)


class _Shown:
    """The pictures of a split as `Samples`; each process that works on them opens them itself."""

    def __init__(self, batches: Batches, split: Split) -> None:
        self._batches, self._split = batches, split

    def __reduce__(self) -> tuple[Any, ...]:
        return _Shown, (self._batches, self._split)

    @cached_property
    def _source(self) -> Source:
        loader = self._batches.train_dataloader() if self._split == "train" else self._batches.val_dataloader()
        assert isinstance(loader, BatchLoader), "asked of splits that are there"
        return loader.source

    def __len__(self) -> int:
        return len(self._source)

    def __getitem__(self, index: int, /) -> Picture:
        image = np.empty((*self._source.size, 3), np.uint8)
        truth = self._source.read(index, image, 0)
        return DecodedPicture(str(index), "", image, truth)


class Epochs(Callback):
    """Tells the loader which epoch it is, so that a resumed run sees the same order."""

    def on_train_epoch_start(self, trainer: lightning.Trainer, pl_module: lightning.LightningModule) -> None:
        """Set the epoch before its first batch is drawn."""
        loader = trainer.train_dataloader
        assert isinstance(loader, BatchLoader)
        loader.set_epoch(trainer.current_epoch)
