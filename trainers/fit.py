"""Training one network: Lightning's loop, checkpoints and resume around `Segmentation`."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import lightning
import torch
from lightning.pytorch.callbacks import Callback, EarlyStopping, EMAWeightAveraging, ModelCheckpoint
from lightning.pytorch.loggers import CSVLogger

from synthgen.core.errors import TrainingError
from synthgen.core.files import make_directory
from synthgen.shards.reader import ShardDataset
from trainers.checkpoint import MODEL_FILE, save_model
from trainers.config import TrainingConfig
from trainers.data import SampleLoader, Samples, ShardLoader
from trainers.models.registry import build_network
from trainers.tasks.segmentation import Segmentation

__all__ = ["fit"]

METRICS_FILE = "metrics.csv"


class _Epochs(Callback):
    """Tells the loader which epoch it is, so that a resumed run sees the same order."""

    def on_train_epoch_start(self, trainer: lightning.Trainer, pl_module: lightning.LightningModule) -> None:
        """Set the epoch before its first batch is drawn."""
        trainer.train_dataloader.set_epoch(trainer.current_epoch)


def fit(
    config: TrainingConfig, dataset: Path, output: Path, *, samples: Samples | None = None, resume: bool = False
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
    options = _loader_options(config)
    training = (
        ShardLoader(dataset, "train", shuffle=True, **options)
        if samples is None
        else SampleLoader(samples, shuffle=True, **options)
    )
    _check_size(training.size)
    validation = ShardLoader(dataset, "val", shuffle=False, **options) if "val" in shards.splits else None
    module = Segmentation(build_network(config), config)
    make_directory(output)
    checkpoints = output / "checkpoints"
    best, last = checkpoints / "best.ckpt", checkpoints / "last.ckpt"
    if resume and not last.is_file():
        raise TrainingError(
            f"{last}: nothing to resume; train without --resume, or give the --output of the earlier run"
        )
    keepers = _keepers(checkpoints, "val_foreground_iou" if validation else None)
    trainer = _trainer(config, [*keepers, *_optional_callbacks(config, validation)], _logger(output, resume))
    with warnings.catch_warnings(), _memory_errors_explained(config):
        warnings.filterwarnings("ignore", module="lightning")  # on worker counts, which ShardLoader has no use for
        trainer.fit(module, training, validation, ckpt_path=last if resume else None, weights_only=True)
    module.load_state_dict(torch.load(best, map_location="cpu", weights_only=True)["state_dict"])
    save_model(output / MODEL_FILE, module.network, config, training.size)
    return output / MODEL_FILE


def _loader_options(config: TrainingConfig) -> dict[str, Any]:
    return {
        "batch_size": config.batch_size,
        "seed": config.seed,
        "threads": config.threads,
        "pinned": config.device != "cpu" and torch.cuda.is_available(),
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


def _optional_callbacks(config: TrainingConfig, validation: ShardLoader | None) -> list[Callback]:
    callbacks: list[Callback] = []
    if config.patience:
        if validation is None:
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


def _logger(output: Path, resume: bool) -> CSVLogger:
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


def _trainer(config: TrainingConfig, callbacks: list[Callback], logger: CSVLogger) -> lightning.Trainer:
    try:
        return lightning.Trainer(
            accelerator=config.device,
            devices=1,
            precision=config.precision,
            max_epochs=config.epochs,
            callbacks=[*callbacks, _Epochs()],
            accumulate_grad_batches=config.accumulate,
            deterministic=config.deterministic,
            logger=logger,
            log_every_n_steps=1,
            enable_model_summary=False,
            num_sanity_val_steps=0,
            use_distributed_sampler=False,
        )
    except lightning.fabric.utilities.exceptions.MisconfigurationException as error:
        raise TrainingError(
            f"device {config.device!r} is not to be had here: {error}; use device auto or cpu"
        ) from error
