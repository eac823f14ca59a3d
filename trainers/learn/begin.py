"""A training that begins with a model: its weights go on learning, and what it learnt from stays told."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from synthgen.core.errors import TrainingError
from trainers.config.loop import TrainingConfig
from trainers.learn.checkpoint import TrainedModel, load_model
from trainers.learn.classes import check_same_classes
from trainers.learn.learner import Learner

__all__ = ["begin_with", "network_fields"]

LEARNING = ("task", "size", "encoder_rate", "freeze_encoder", "freeze_batch_norm")  # beside the task's own fields


def network_fields(path: Path) -> dict[str, Any]:
    """Return the fields of a training that goes on from a model: its network, and which layers learn how fast.

    Raises:
        TrainingError: It cannot be read.
    """
    model = load_model(path)
    own = set(type(model.config).model_fields) - set(TrainingConfig.model_fields) - {"views"}  # which are no network's
    values = model.config.model_dump(mode="json", include={*own, *LEARNING})
    return {**values, "size": model.size}


def begin_with(learner: Learner, path: Path) -> TrainedModel:
    """Give the learner's network the weights of a model, and return the model.

    Raises:
        TrainingError: It cannot be read, or is of another task or network, or tells other classes apart.
    """
    model = load_model(path)
    if model.task != learner.config.task:
        raise TrainingError(f"{path}: is of task {model.task}, not {learner.config.task}; give one of that task")
    check_same_classes(model.config, learner.config, path)
    try:
        learner.network.load_state_dict(model.network.state_dict())
    except RuntimeError as error:
        raise TrainingError(
            f"{path}: is of another network; give network, encoder and the like as that model has them"
        ) from error
    return model
