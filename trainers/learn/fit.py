"""Training one network: Lightning's loop, checkpoints and resume around `Segmentation`."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import lightning
import torch
from lightning.pytorch.callbacks import Callback, EarlyStopping, EMAWeightAveraging, ModelCheckpoint
from lightning.pytorch.loggers import CSVLogger, Logger, TensorBoardLogger
from lightning.pytorch.strategies import DDPStrategy, Strategy

from synthgen.core.errors import TrainingError
from synthgen.core.files import make_directory, sha256_of
from synthgen.shards.manifest import MANIFEST
from synthgen.shards.reader import ShardDataset
from trainers.config.training import TrainingConfig
from trainers.learn.checkpoint import MODEL_FILE, Origin, save_model
from trainers.learn.log import METRICS_FILE, logged
from trainers.loading.augment import RowAugmentation
from trainers.loading.loader import BatchLoader, SampleLoader, Samples, ShardLoader
from trainers.models.registry import build_network
from trainers.tasks.segmentation.task import Segmentation

__all__ = ["fit"]


class _Epochs(Callback):
    """Tells the loader which epoch it is, so that a resumed run sees the same order."""

    def on_train_epoch_start(self, trainer: lightning.Trainer, pl_module: lightning.LightningModule) -> None:
        """Set the epoch before its first batch is drawn."""
        trainer.train_dataloader.set_epoch(trainer.current_epoch)


def fit(
    config: TrainingConfig,
    dataset: Path,
    output: Path,
    *,
    samples: Samples | None = None,
    resume: bool = False,
    progress: bool = True,
) -> Path:
    """Train on the split "train", keep the best epoch by the split "val" (the last one without it).

    With `samples`, such as a `CompositeDataset`, train on them instead; the rest is as with shards.

    Returns the path of model.pt; metrics.csv and checkpoints/ lie beside it.

    Raises:
        DatasetError: The dataset is unfinished or has no split "train".
        TrainingError: Network, weights and data do not fit, or the loss is no number.
    """
    logging.getLogger("lightning.pytorch").setLevel(logging.WARNING)  # no tips, no list of devices
    lightning.seed_everything(config.seed, verbose=False)
    shards = ShardDataset.open(dataset)
    data = _Batches(config, dataset, samples, validates="val" in shards.splits)
    size = data.train_dataloader().size  # opened before anything else, as it may be refused
    _check_size(size)
    module = Segmentation(build_network(config), config)
    make_directory(output)
    checkpoints = output / "checkpoints"
    best, last = checkpoints / "best.ckpt", checkpoints / "last.ckpt"
    if samples is not None and config.samples:
        raise TrainingError("samples is a part of a dataset's shards; give a shorter source of samples instead")
    if resume and not last.is_file():
        raise TrainingError(
            f"{last}: nothing to resume; train without --resume, or give the --output of the earlier run"
        )
    keepers = _keepers(checkpoints, "val_foreground_iou" if data.validates else None)
    callbacks = [*keepers, *_optional_callbacks(config, data.validates)]
    trainer = _trainer(config, callbacks, _loggers(config, output, resume), progress=progress)
    with warnings.catch_warnings(), _memory_errors_explained(config):
        warnings.filterwarnings("ignore", module="lightning")  # on worker counts, which our loaders have no use for
        trainer.fit(module, datamodule=data, ckpt_path=last if resume else None, weights_only=True)
    if trainer.is_global_zero:
        module.load_state_dict(torch.load(best, map_location="cpu", weights_only=True)["state_dict"])
        origin = _origin(shards, config, _best_score(output / METRICS_FILE))
        save_model(output / MODEL_FILE, module.network, config, size, origin)
    return output / MODEL_FILE


def _origin(dataset: ShardDataset, config: TrainingConfig, score: float | None) -> Origin:
    manifest = dataset.manifest
    return Origin(
        manifest_sha256=sha256_of(dataset.path / MANIFEST),
        fingerprint=manifest.fingerprint,
        samples={split: dataset.count(split) for split in dataset.splits},
        categories=tuple(manifest.categories),
        licences=manifest.licences,
        weights=config.weights if config.weights in ("none", "imagenet") else Path(config.weights).name,
        val_foreground_iou=score,
    )


def _best_score(metrics: Path) -> float | None:
    return max(logged(metrics, "val_foreground_iou")[1], default=None)


class _Batches(lightning.LightningDataModule):
    """Makes the loaders in each process that trains, where its rank is known."""

    def __init__(self, config: TrainingConfig, dataset: Path, samples: Samples | None, *, validates: bool) -> None:
        super().__init__()
        self._config, self._dataset, self._samples, self.validates = config, dataset, samples, validates

    def train_dataloader(self) -> BatchLoader:
        config = self._config
        transform = RowAugmentation(config.albumentations, config.seed) if config.albumentations else None
        options = {**self._options(), "shuffle": True, "positive_share": config.positive_share, "transform": transform}
        if self._samples is not None:
            return SampleLoader(self._samples, **options)
        return ShardLoader(self._dataset, "train", samples=config.samples, **options)

    def val_dataloader(self) -> Iterable[Any]:
        return ShardLoader(self._dataset, "val", shuffle=False, **self._options()) if self.validates else ()

    def _options(self) -> dict[str, Any]:
        config, trainer = self._config, self.trainer
        return {
            "batch_size": config.batch_size,
            "seed": config.seed,
            "threads": config.threads,
            "pinned": config.device != "cpu" and torch.cuda.is_available(),
            "rank": trainer.global_rank if trainer else 0,
            "ranks": trainer.world_size if trainer else 1,
        }


def _check_size(size: tuple[int, int]) -> None:
    if size[0] % 32 or size[1] % 32:
        raise TrainingError(
            f"samples are {size[0]}×{size[1]}; the networks need sides divisible by 32: change size and generate again"
        )


def _keepers(folder: Path, monitor: str | None) -> list[ModelCheckpoint]:
    """Keep the best epoch, and the last one to resume from: `save_last` would follow the best one only."""
    return [
        ModelCheckpoint(folder, filename="best", monitor=monitor, mode="max", enable_version_counter=False),
        ModelCheckpoint(folder, filename="last", enable_version_counter=False),
    ]


def _optional_callbacks(config: TrainingConfig, validates: bool) -> list[Callback]:
    callbacks: list[Callback] = []
    if config.patience:
        if not validates:
            raise TrainingError(
                "patience watches the split val, and the dataset has none; set samples.val or patience 0"
            )
        callbacks.append(EarlyStopping("val_foreground_iou", mode="max", patience=config.patience))
    if config.ema:
        callbacks.append(EMAWeightAveraging(decay=config.ema))
    return callbacks


@contextmanager
def _memory_errors_explained(config: TrainingConfig) -> Iterator[None]:
    try:
        yield
    except RuntimeError as error:
        if not isinstance(error, torch.OutOfMemoryError) and "allocate memory" not in str(error):
            raise
        raise TrainingError(
            f"{config.title}: out of memory with batches of {config.batch_size}; lower batch_size and raise accumulate "
            f"by as much, use precision bf16-mixed, or smaller samples; what was learnt is in checkpoints/last.ckpt"
        ) from error


def _loggers(config: TrainingConfig, output: Path, resume: bool) -> list[Logger]:
    loggers: list[Logger] = [_csv_logger(output, resume)]
    if config.tensorboard:
        loggers.append(TensorBoardLogger(output, name="tensorboard", version=""))
    return loggers


def _csv_logger(output: Path, resume: bool) -> CSVLogger:
    """Log to metrics.csv; a resumed run goes on in it, where Lightning would begin it anew."""
    logger = CSVLogger(output, name="", version="")
    metrics = output / METRICS_FILE
    before = metrics.read_text() if resume and metrics.is_file() else ""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", module="lightning")  # that it deletes what is written back below
        writer = logger.experiment
    if before:
        metrics.write_text(before)
        writer.metrics_keys = before.splitlines()[0].split(",")
    return logger


def _trainer(
    config: TrainingConfig, callbacks: list[Callback], loggers: list[Logger], progress: bool
) -> lightning.Trainer:
    try:
        return lightning.Trainer(
            accelerator=config.device,
            devices=config.devices,
            strategy=_strategy(config),
            sync_batchnorm=config.devices > 1 and config.device != "cpu" and torch.cuda.is_available(),
            precision=config.precision,
            max_epochs=config.epochs,
            callbacks=[*callbacks, _Epochs()],
            accumulate_grad_batches=config.accumulate,
            deterministic=config.deterministic,
            logger=loggers,
            log_every_n_steps=1,
            enable_model_summary=False,
            enable_progress_bar=progress,
            num_sanity_val_steps=0,
            use_distributed_sampler=False,
        )
    except lightning.fabric.utilities.exceptions.MisconfigurationException as error:
        raise TrainingError(
            f"device {config.device!r} is not to be had here: {error}; use device auto or cpu"
        ) from error


def _strategy(config: TrainingConfig) -> Strategy | str:
    """Choose how processes begin: torchrun has begun them, or each is spawned, which works within any program."""
    if config.devices == 1:
        return "auto"
    return "ddp" if torch.distributed.is_torchelastic_launched() else DDPStrategy(start_method="spawn")
