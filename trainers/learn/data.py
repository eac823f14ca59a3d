"""The loaders of a training, made in each process that trains, where its rank is known."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import lightning
import torch
from lightning.pytorch.callbacks import Callback

from synthgen.core.picture import Samples
from trainers.config.loop import TrainingConfig
from trainers.loading.loader import BatchLoader, SampleLoader, ShardLoader
from trainers.loading.transform import Recompressed, RowAugmentation
from trainers.task import TASKS

__all__ = ["Batches", "Epochs"]


class Batches(lightning.LightningDataModule):
    """Batches of the split "train", or of samples instead, and of "val" where there is one."""

    def __init__(self, config: TrainingConfig, dataset: Path, samples: Samples | None, *, validates: bool) -> None:
        """Open nothing yet."""
        super().__init__()
        self._config, self._dataset, self._samples, self._validates = config, dataset, samples, validates

    def train_dataloader(self) -> BatchLoader:
        """Open what is learnt from."""
        config = self._config
        own = [RowAugmentation(config.albumentations, config.seed)] if config.albumentations else []
        standard = [Recompressed(config.seed)] if config.augment is True else []
        options = {
            **self._options(),
            "shuffle": True,
            "positive_share": config.positive_share,
            "crop": config.crop,
            "transforms": (*own, *standard),
        }
        if self._samples is not None:
            return SampleLoader(self._samples, **options)
        return ShardLoader(self._dataset, "train", samples=config.samples, **options)

    def val_dataloader(self) -> Iterable[Any]:
        """Open what is validated on."""
        return ShardLoader(self._dataset, "val", shuffle=False, **self._options()) if self._validates else ()

    def _options(self) -> dict[str, Any]:
        config, trainer = self._config, self.trainer
        return {
            "collate": TASKS[config.task].collate,
            "batch_size": config.batch_size,
            "size": config.size,
            "seed": config.seed,
            "threads": config.threads,
            "pinned": config.device != "cpu" and torch.cuda.is_available(),
            "rank": trainer.global_rank if trainer else 0,
            "ranks": trainer.world_size if trainer else 1,
        }


class Epochs(Callback):
    """Tells the loader which epoch it is, so that a resumed run sees the same order."""

    def on_train_epoch_start(self, trainer: lightning.Trainer, pl_module: lightning.LightningModule) -> None:
        """Set the epoch before its first batch is drawn."""
        loader = trainer.train_dataloader
        assert isinstance(loader, BatchLoader)
        loader.set_epoch(trainer.current_epoch)
