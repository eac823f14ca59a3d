"""A trained model in one file: weights, config, input size and origin; loads with `weights_only=True`."""

from __future__ import annotations

import json
import pickle
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch
from jaxtyping import UInt8
from pydantic import model_validator
from torch import nn

from synthgen.core.config import Model
from synthgen.core.errors import ConfigError, OutputError, TrainingError
from synthgen.core.files import atomic_path, make_directory
from synthgen.core.types import Size
from trainers.config.clip import BESIDE
from trainers.config.loop import TrainingConfig
from trainers.config.operating_point import OperatingPoint
from trainers.config.over_clip import clip_of
from trainers.config.photographs import Annotation
from trainers.config.section import training_config
from trainers.learn.identity import Identity
from trainers.learn.older import config_of_before, origin_of_before, point_of_before
from trainers.models.pixels import prepared, to_channels_first
from trainers.task import TASKS

__all__ = [
    "MODEL_FILE",
    "DataSource",
    "Origin",
    "PhotographData",
    "TrainedModel",
    "load_model",
    "predictor_of",
    "save_model",
    "saved_identity",
    "store_point",
]

MODEL_FILE = "model.pt"
DAMAGE = (pickle.UnpicklingError, RuntimeError, EOFError, LookupError, TypeError, ValueError, ConfigError)


class DataSource(Model):
    """A dataset that a model learnt from.

    Attributes:
        manifest_sha256: Of its manifest.json.
        fingerprint: Of recipe, seed, assets.
        samples: Of each split.
        categories: Of targets.
        licences: Of cutouts and scenes, with the number of files.
    """

    manifest_sha256: str
    fingerprint: str
    samples: dict[str, int]
    categories: tuple[str, ...]
    licences: dict[str, int]


class PhotographData(Model):
    """Photographs that a model learnt from.

    Attributes:
        folder: Name of theirs.
        annotation: What was known of them.
        count: How many.
        share: Of the samples that it learnt from.
        images_sha256: Of their files and names.
        annotation_sha256: Of what is annotated.
    """

    folder: str
    annotation: Annotation
    count: int
    share: float
    images_sha256: str
    annotation_sha256: str


class Origin(Model):
    """What a model learnt from, earlier trainings that it went on from included.

    Attributes:
        sources: The datasets.
        photographs: The photographs.
        weights: That the encoder began with: "none", "imagenet", or the name of a file.
        watched: Name and value of the figure that chose the epoch; None without a validation split.
    """

    sources: tuple[DataSource, ...] = ()
    photographs: tuple[PhotographData, ...] = ()
    weights: str
    watched: tuple[str, float] | None

    @model_validator(mode="after")
    def _of_something(self) -> Origin:
        if not self.sources and not self.photographs:
            raise ValueError("an origin has a source")
        return self


@dataclass(frozen=True, slots=True, eq=False)
class TrainedModel:
    """A network ready to predict.

    Attributes:
        network: In evaluation mode: pictures as `trainers.models.pixels.prepared` gives them → outputs.
        config: What it was trained with; of a file of weights the name only.
        size: (height, width) it was trained at.
        origin: What it learnt from.
        operating_point: How its outputs become decisions.
    """

    network: nn.Module
    config: TrainingConfig
    size: Size
    origin: Origin
    operating_point: OperatingPoint = field(default_factory=OperatingPoint)

    @property
    def title(self) -> str:
        """Name in tables."""
        return self.config.title

    @property
    def task(self) -> str:
        """Name of its task in `trainers.task.TASKS`."""
        return self.config.task

    @property
    def device(self) -> torch.device:
        """Where the network lies."""
        return next(self.network.parameters()).device

    @torch.inference_mode()
    def outputs(self, images: UInt8[np.ndarray, "b h w 3"], **told: Any) -> Any:
        """Return what the network gives on RGB pictures, on its device; `told` is what else it takes, if anything."""
        pixels = to_channels_first(images).to(self.device).float() / 255
        return self.network(prepared(pixels), **told)


def predictor_of(model: TrainedModel) -> Any:
    """Return the model as a predictor of its task's kind; see `trainers.predict.protocols`."""
    return TASKS[model.task].predictor(model)


def save_model(path: Path, model: TrainedModel, identity: Identity) -> None:
    """Write the model and what decided it, atomically, and beside it a link to a CLIP that lies on this machine.

    Raises:
        OutputError: They cannot be written.
    """
    if (clip := clip_of(model.config)) and clip.place:
        _link(path.parent / BESIDE, clip.place.resolve())
    saved = {
        "weights": model.network.state_dict(),
        "config": model.config.published().model_dump_json(),
        "size": list(model.size),
        "origin": model.origin.model_dump_json(),
        "operating_point": model.operating_point.model_dump_json(),
        "identity": json.dumps(identity),
    }
    with atomic_path(path) as temporary:
        torch.save(saved, temporary)


def load_model(path: Path) -> TrainedModel:
    """Load what `save_model` wrote, onto the GPU where there is one; `path` may be the folder that holds it.

    Raises:
        TrainingError: It is missing, damaged, or not a synthgen model.
    """
    file = _file_of(path)
    with _readable(file):
        return _model_of(torch.load(file, map_location="cpu", weights_only=True), file.parent)


def store_point(path: Path, point: OperatingPoint) -> Path:
    """Write another operating point into a model's file, atomically, and return the file; all else stays as it is.

    Raises:
        TrainingError: It is missing, damaged, or not a synthgen model.
        OutputError: It cannot be written.
    """
    file = _file_of(path)
    with _readable(file):
        saved = torch.load(file, map_location="cpu", weights_only=True)
        saved["operating_point"] = point.model_dump_json()
    with atomic_path(file) as temporary:
        torch.save(saved, temporary)
    return file


def _file_of(path: Path) -> Path:
    return path / MODEL_FILE if path.is_dir() else path


@contextmanager
def _readable(file: Path) -> Iterator[None]:
    """Say in one line what is wrong with a file that cannot be read as a model."""
    try:
        yield
    except OSError as error:
        raise TrainingError(
            f"{file}: cannot be read: {error.strerror or error}; give a model made by `synthgen train`"
        ) from error
    except DAMAGE as error:
        found = " ".join(str(error).split())[:300]
        raise TrainingError(
            f"{file}: not a model made by `synthgen train`, or damaged: {found}; train it again"
        ) from error


def _link(folder: Path, place: Path) -> None:
    """Let a link in `folder` lead to a place; what lies there and is none stays."""
    link = make_directory(folder) / place.name
    try:
        if link.is_symlink():
            link.unlink()
        if not link.exists():
            link.symlink_to(place)
    except OSError as error:
        raise OutputError(f"{link}: cannot be linked to {place}: {error.strerror or error}") from error


def _model_of(saved: dict[str, Any], folder: Path) -> TrainedModel:
    config = training_config(config_of_before(saved["config"])).found_beside(folder)
    network = TASKS[config.task].network(config.bare())
    network.load_state_dict(saved["weights"])
    height, width = saved["size"]
    origin = Origin.model_validate(origin_of_before(json.loads(saved["origin"])))
    point = OperatingPoint.model_validate(point_of_before(json.loads(saved.get("operating_point", "{}"))))
    device = "cuda" if torch.cuda.is_available() else "cpu"
    network = network.eval().to(memory_format=torch.channels_last).to(device)
    return TrainedModel(network, config, (int(height), int(width)), origin, point)


def saved_identity(file: Path) -> Identity | None:
    """Return what decided a model or checkpoint; None if there is none, or one that does not say it."""
    try:
        saved = torch.load(file, map_location="cpu", weights_only=True, mmap=True)
        identity: Identity = json.loads(saved["identity"])
    except (OSError, *DAMAGE):
        return None
    return identity
