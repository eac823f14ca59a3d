"""Training one network of any task: Lightning's loop, checkpoints and resume around a `Learner`."""

from __future__ import annotations

import json
import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal, cast

import lightning
import torch
from lightning.pytorch.callbacks import Callback
from rich.console import Console

from synthgen.core.errors import TrainingError
from synthgen.core.files import make_directory
from synthgen.core.picture import Samples
from synthgen.core.types import Size
from synthgen.shards.reader import ShardDataset
from trainers.config.loop import TrainingConfig
from trainers.config.photographs import PhotographSource
from trainers.learn.batch_norm import share_statistics
from trainers.learn.begin import begin_with
from trainers.learn.checkpoint import (
    MODEL_FILE,
    DataSource,
    Origin,
    PhotographData,
    TrainedModel,
    save_model,
    saved_identity,
)
from trainers.learn.classes import with_classes
from trainers.learn.data import Batches, Epochs
from trainers.learn.identity import Identity, check_resumable, identity_of
from trainers.learn.learner import Learner
from trainers.learn.log import METRICS_FILE, logged
from trainers.learn.precision import precision_of
from trainers.learn.trainer import BEST, LAST, callbacks_of, shares_statistics, trainer_of
from trainers.loading.photographs import annotated
from trainers.task import TASKS, ChecksData, Prepares, Publishes, Watched

__all__ = ["fit"]


def fit(
    config: TrainingConfig,
    dataset: Path | None,
    output: Path,
    *,
    samples: Samples | None = None,
    resume: bool | Literal["auto"] = False,
    progress: bool = True,
) -> Path:
    """Train on the split "train", keep the best epoch by the split "val" (the last one without it).

    With `samples`, such as those of a studio, train on them instead; the rest is as with shards. Without a dataset,
    train on the config's photographs alone.

    A network of which nothing learns is scored on "val", and kept as it is.

    With `resume`, go on after the last epoch of the training that broke off in `output`. "auto" does so if that is the
    very same training, returns its model if it is finished, and else trains anew. It is the same training if all that
    decides its result is the same: config, content of weights, dataset.

    Returns the path of model.pt; metrics.csv and checkpoints/ lie beside it.

    Raises:
        DatasetError: The dataset is unfinished or has no split "train".
        TrainingError: Network, weights and data do not fit, the loss is no number, or there is nothing to resume.
    """
    logging.getLogger("lightning.pytorch").setLevel(logging.WARNING)  # no tips, no list of devices
    lightning.seed_everything(config.seed, verbose=False)
    if samples is not None and config.samples:
        raise TrainingError("samples is a part of a dataset's shards; give a shorter source of samples instead")
    task, shards = TASKS[config.task], None if dataset is None else ShardDataset.open(dataset)
    config = with_classes(config.decided(), shards).model_copy(update={"precision": precision_of(config)})
    identity = identity_of(config, dataset, on_the_fly=samples is not None)
    if resume == "auto" and saved_identity(output / MODEL_FILE) == identity:
        return output / MODEL_FILE
    watched = task.watched if shards is not None and "val" in shards.splits else None
    data = Batches(config, dataset, samples, validates=watched is not None)
    size = data.train_dataloader().size  # opened before anything else, as it may be refused
    if isinstance(task, ChecksData):
        task.check_data(config, shards, samples)
    learner = _learner(config)
    task.check_size(size, learner.network)
    before = begin_with(learner, Path(config.finetune)).origin if config.finetune else None
    make_directory(output)
    if isinstance(task, Prepares):
        task.prepare(config, data.pictures(), Console(quiet=not progress))
    if resume == "auto":
        resume = saved_identity(output / LAST) == identity
    elif resume:
        _check_last(output / LAST, identity)
    callbacks = [*callbacks_of(config, output, watched), _Identifies(identity), Epochs()]
    trainer = trainer_of(config, output, callbacks, resume=resume, progress=progress)
    with warnings.catch_warnings(), _failures_explained(config):
        warnings.filterwarnings("ignore", module="lightning")  # on worker counts, which our loaders have no use for
        if learner.learns:
            trainer.fit(learner, datamodule=data, ckpt_path=output / LAST if resume else None, weights_only=True)
        elif watched is not None:
            trainer.validate(learner, datamodule=data, verbose=False)
    if trainer.is_global_zero:
        origin = _origin(config, shards, identity, before, _best(output / METRICS_FILE, watched) if watched else None)
        _save_best(output, learner, size, origin, identity)
    return output / MODEL_FILE


def _learner(config: TrainingConfig) -> Learner:
    task = TASKS[config.task]
    built = config.model_copy(update={"weights": "none"}) if config.finetune else config  # they come from the model
    learner = cast(Learner, task.learner(task.network(built), config))
    if shares_statistics(config):
        share_statistics(learner.network, but=learner.encoder() if config.freeze_batch_norm else None)
    return learner


class _Identifies(Callback):
    """Writes into each checkpoint what decides the training."""

    def __init__(self, identity: Identity) -> None:
        self._identity = identity

    def on_save_checkpoint(
        self, trainer: lightning.Trainer, pl_module: lightning.LightningModule, checkpoint: dict[str, Any]
    ) -> None:
        checkpoint["identity"] = json.dumps(self._identity)


def _check_last(last: Path, identity: Identity) -> None:
    if not last.is_file():
        raise TrainingError(
            f"{last}: nothing to resume; train without --resume, or give the --output of the earlier run"
        )
    before = saved_identity(last)
    if before is not None:  # checkpoints of before do not say it
        done = torch.load(last, map_location="cpu", weights_only=True, mmap=True)["epoch"] + 1
        check_resumable(before, identity, done, last)


def _save_best(output: Path, learner: Learner, size: Size, origin: Origin, identity: Identity) -> None:
    if learner.learns:
        best = torch.load(output / BEST, map_location="cpu", weights_only=True)
        learner.load_state_dict(best["state_dict"])
    model, task = TrainedModel(learner.network, learner.config, size, origin), TASKS[learner.config.task]
    if isinstance(task, Publishes):
        task.publish(model, output)
    save_model(output / MODEL_FILE, model, identity)  # last, as it tells that all is done


def _origin(
    config: TrainingConfig,
    dataset: ShardDataset | None,
    identity: Identity,
    before: Origin | None,
    watched: tuple[str, float] | None,
) -> Origin:
    """Tell what was learnt from, in the trainings before, too."""
    learnt = dataset is not None and config.dataset_share > 0
    earlier = before.sources if before else ()
    own = [_source(dataset, identity["dataset"])] if dataset is not None and learnt else []
    photographs = map(_photographs, config.photographs, identity.get("photographs", ()))
    return Origin(
        sources=(*earlier, *(source for source in own if source not in earlier)),
        photographs=(*(before.photographs if before else ()), *photographs),
        weights=before.weights if before else config.begins_with,
        watched=watched,
    )


def _photographs(source: PhotographSource, identity: Identity) -> PhotographData:
    return PhotographData(
        folder=source.images.name,
        annotation=source.annotation,
        count=len(annotated(source)),
        share=source.share,
        images_sha256=identity["images"],
        annotation_sha256=identity[source.annotation],
    )


def _source(dataset: ShardDataset, manifest_sha256: str) -> DataSource:
    manifest = dataset.manifest
    return DataSource(
        manifest_sha256=manifest_sha256,
        fingerprint=manifest.fingerprint,
        samples={split: dataset.count(split) for split in dataset.splits},
        categories=tuple(manifest.categories),
        licences=manifest.licences,
    )


def _best(metrics: Path, watched: Watched) -> tuple[str, float] | None:
    values = logged(metrics, watched.name)[1]
    return (watched.name, max(values) if watched.mode == "max" else min(values)) if values else None


@contextmanager
def _failures_explained(config: TrainingConfig) -> Iterator[None]:
    try:
        yield
    except RuntimeError as error:
        if "loading state_dict" in str(error):
            raise TrainingError(
                f"{config.title}: the checkpoint is of another network; resume with the one that it was trained with"
            ) from error
        if not isinstance(error, torch.OutOfMemoryError) and "allocate memory" not in str(error):
            raise
        raise TrainingError(
            f"{config.title}: out of memory with batches of {config.batch_size}; lower batch_size and raise accumulate "
            f"by as much, use precision bf16-mixed, or smaller samples; what was learnt is in checkpoints/last.ckpt"
        ) from error
