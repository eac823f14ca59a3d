"""A trained model in one file: weights, config, input size and origin; loads with `weights_only=True`."""

from __future__ import annotations

import pickle
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from jaxtyping import Float32, UInt8
from pydantic import ValidationError
from torch import nn

from synthgen.core.config import Model
from synthgen.core.errors import TrainingError
from synthgen.core.files import atomic_path
from synthgen.core.types import Size
from trainers.config.training import TrainingConfig
from trainers.models.registry import build_network
from trainers.tasks.segmentation.task import Segmentation, to_channels_first

__all__ = ["MODEL_FILE", "Origin", "TrainedModel", "load_model", "save_model"]

MODEL_FILE = "model.pt"


class Origin(Model):
    """What a model learnt from.

    Attributes:
        manifest_sha256: Of the dataset's manifest.json.
        fingerprint: The dataset's: of recipe, seed, assets.
        samples: Of each split.
        categories: Of targets.
        licences: Of cutouts and scenes, with the number of files.
        weights: That the encoder began with.
        val_foreground_iou: Of the epoch that was kept; None without a validation split.
    """

    manifest_sha256: str
    fingerprint: str
    samples: dict[str, int]
    categories: tuple[str, ...]
    licences: dict[str, int]
    weights: str
    val_foreground_iou: float | None


@dataclass(frozen=True, slots=True, eq=False)
class TrainedModel:
    """A network ready to predict.

    Attributes:
        module: In evaluation mode; uint8 RGB (b, 3, h, w) → logits.
        config: What it was trained with.
        size: (height, width) it was trained at.
        origin: What it learnt from.
    """

    module: Segmentation
    config: TrainingConfig
    size: Size
    origin: Origin

    @property
    def title(self) -> str:
        """Name in tables."""
        return self.config.title

    @torch.inference_mode()
    def probabilities(self, images: UInt8[np.ndarray, "b h w 3"]) -> Float32[np.ndarray, "b h w"]:
        """Return the probability of foreground, 0–1, for every pixel."""
        logits = self.module(to_channels_first(images).to(self.module.device))
        found: np.ndarray = torch.sigmoid(logits.float())[:, 0].cpu().numpy()
        return found


def save_model(path: Path, network: nn.Module, config: TrainingConfig, size: Size, origin: Origin) -> None:
    """Write weights, config, size and origin, atomically."""
    saved = {
        "weights": network.state_dict(),
        "config": config.model_dump_json(),
        "size": list(size),
        "origin": origin.model_dump_json(),
    }
    with atomic_path(path) as temporary:
        torch.save(saved, temporary)


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
        origin = Origin.model_validate_json(saved["origin"])
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
    return TrainedModel(Segmentation(network, config).eval().to(device), config, size, origin)


def _check_classes(file: Path, weights: dict[str, torch.Tensor]) -> None:
    classes = len(next(reversed(weights.values())))  # the head's bias comes last in every network
    if classes != 1:
        raise TrainingError(
            f"{file}: predicts {classes} classes; synthgen's segmenters tell foreground from background by one: "
            "train it with a head of one channel"
        )
