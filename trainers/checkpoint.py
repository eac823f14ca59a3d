"""A trained model in one file: weights, config and input size; loads with `weights_only=True`."""

from __future__ import annotations

import pickle
from dataclasses import dataclass
from pathlib import Path

import torch
from pydantic import ValidationError
from torch import nn

from synthgen.core.errors import TrainingError
from synthgen.core.files import atomic_path
from synthgen.core.types import Size
from trainers.config import TrainingConfig
from trainers.models.registry import build_network
from trainers.tasks.segmentation import Segmentation

__all__ = ["MODEL_FILE", "TrainedModel", "load_model", "save_model"]

MODEL_FILE = "model.pt"


@dataclass(frozen=True, slots=True, eq=False)
class TrainedModel:
    """A network ready to predict.

    Attributes:
        module: In evaluation mode; uint8 RGB (b, 3, h, w) → logits.
        config: What it was trained with.
        size: (height, width) it was trained at.
    """

    module: Segmentation
    config: TrainingConfig
    size: Size


def save_model(path: Path, network: nn.Module, config: TrainingConfig, size: Size) -> None:
    """Write weights, config and size, atomically."""
    with atomic_path(path) as temporary:
        torch.save({"weights": network.state_dict(), "config": config.model_dump_json(), "size": list(size)}, temporary)


def load_model(path: Path) -> TrainedModel:
    """Load what `save_model` wrote, onto the GPU where there is one; `path` may be the folder that holds it.

    Raises:
        TrainingError: It is missing, damaged, or not a synthgen model.
    """
    file = path / MODEL_FILE if path.is_dir() else path
    try:
        saved = torch.load(file, map_location="cpu", weights_only=True)
        config = TrainingConfig.model_validate_json(saved["config"]).model_copy(update={"weights": "none"})
        network = build_network(config)
        _check_classes(file, saved["weights"])
        network.load_state_dict(saved["weights"])
        size = (int(saved["size"][0]), int(saved["size"][1]))
    except OSError as error:
        raise TrainingError(
            f"{file}: cannot be read: {error.strerror or error}; give a model made by `synthgen train`"
        ) from error
    except (pickle.UnpicklingError, RuntimeError, EOFError, KeyError, TypeError, ValidationError) as error:
        first_line = str(error).partition("\n")[0]
        raise TrainingError(
            f"{file}: not a model made by `synthgen train`, or damaged: {first_line}; train it again"
        ) from error
    device = "cuda" if torch.cuda.is_available() else "cpu"
    return TrainedModel(Segmentation(network, config).eval().to(device), config, size)


def _check_classes(file: Path, weights: dict[str, torch.Tensor]) -> None:
    classes = len(next(reversed(weights.values())))  # the head's bias comes last in every network
    if classes != 1:
        raise TrainingError(
            f"{file}: predicts {classes} classes; synthgen's segmenters tell foreground from background by one: "
            "train it with a head of one channel"
        )
