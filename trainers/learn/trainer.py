"""Lightning's trainer as a config asks for it: devices, processes, loggers, which epochs are kept."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

import lightning
import torch
from lightning.pytorch.callbacks import Callback, EarlyStopping, ModelCheckpoint
from lightning.pytorch.loggers import CSVLogger, Logger, TensorBoardLogger
from lightning.pytorch.strategies import DDPStrategy, Strategy

from synthgen.core.errors import TrainingError
from trainers.config.loop import TrainingConfig
from trainers.learn.averaging import MovingAverage
from trainers.learn.log import METRICS_FILE
from trainers.learn.precision import precision_of
from trainers.learn.progress import ProgressLines
from trainers.task import Watched

__all__ = ["BEST", "LAST", "callbacks_of", "shares_statistics", "trainer_of"]

BEST, LAST = "checkpoints/best.ckpt", "checkpoints/last.ckpt"


def trainer_of(
    config: TrainingConfig, output: Path, callbacks: list[Callback], *, resume: bool, progress: bool
) -> lightning.Trainer:
    """Build the trainer; a resumed run goes on in the log of before.

    Raises:
        TrainingError: There is no such device.
    """
    try:
        return lightning.Trainer(
            accelerator=config.device,
            devices=config.devices,
            strategy=_strategy(config),
            precision=precision_of(config),
            max_epochs=-1 if config.steps else config.epochs,
            max_steps=config.steps or -1,
            callbacks=[*callbacks, *([ProgressLines(config.title)] if progress else [])],
            accumulate_grad_batches=config.accumulate,
            deterministic=config.deterministic,
            logger=_loggers(config, output, resume),
            log_every_n_steps=1,
            enable_model_summary=False,
            enable_progress_bar=False,
            num_sanity_val_steps=0,
            use_distributed_sampler=False,
        )
    except lightning.fabric.utilities.exceptions.MisconfigurationException as error:
        raise TrainingError(f"device {config.device!r} is not available: {error}; use device auto or cpu") from error


def callbacks_of(config: TrainingConfig, output: Path, watched: Watched | None) -> list[Callback]:
    """Keep the best epoch by `watched` and the last one; stop early and average weights where asked.

    Raises:
        TrainingError: Patience has nothing to watch.
    """
    folder = (output / BEST).parent
    monitor, mode = (watched.name, watched.mode) if watched else (None, "max")
    callbacks: list[Callback] = [
        ModelCheckpoint(folder, filename="best", monitor=monitor, mode=mode, enable_version_counter=False),
        # to resume from: `save_last` would follow the best one only
        ModelCheckpoint(folder, filename="last", enable_version_counter=False),
    ]
    if config.patience and watched is None:
        raise TrainingError("patience watches the split val, and the dataset has none; set samples.val or patience 0")
    if config.patience and watched is not None:
        callbacks.append(EarlyStopping(watched.name, mode=watched.mode, patience=config.patience))
    if config.steps:
        callbacks.append(_LastStep())
    if config.ema:
        callbacks.append(MovingAverage(config.ema))
    return callbacks


class _LastStep(Callback):
    """Ends a training of so many steps in a way that Lightning validates before it ends, also within an epoch."""

    def on_train_batch_end(
        self, trainer: lightning.Trainer, pl_module: lightning.LightningModule, outputs: Any, batch: Any, batch_idx: int
    ) -> None:
        trainer.should_stop = trainer.should_stop or trainer.global_step >= trainer.max_steps


def shares_statistics(config: TrainingConfig) -> bool:
    """Tell whether several devices share their batch norm; torch does it on GPUs only."""
    return config.devices > 1 and config.device != "cpu" and torch.cuda.is_available()


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


def _strategy(config: TrainingConfig) -> Strategy | str:
    """Choose how processes begin: torchrun has begun them, or each is spawned, which works within any program."""
    if config.devices == 1:
        return "auto"
    return "ddp" if torch.distributed.is_torchelastic_launched() else DDPStrategy(start_method="spawn")
