"""What a task is: all that the loop, the scores, the package and the study ask of it. The protocol alone.

A task is registered by name in `TASKS` and its config model in `trainers.config.registry.CONFIGS`, under the same name.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, Protocol, runtime_checkable

import lightning
import numpy as np
from jaxtyping import Float64, UInt8
from rich.console import Console
from torch import Tensor, nn

from synthgen.core.picture import Samples
from synthgen.core.registry import LazyRegistry
from synthgen.core.types import Size, Split
from synthgen.shards.reader import ShardDataset
from trainers.config.kind import Kind
from trainers.config.loop import TrainingConfig
from trainers.config.operating_point import OperatingPoint
from trainers.loading.targets import Batch, Collate

__all__ = [
    "TASKS",
    "ChecksData",
    "Graph",
    "Kind",
    "More",
    "PacksGraphs",
    "Prepares",
    "Publishes",
    "ScoresMore",
    "Task",
    "Trained",
    "Watched",
]


@dataclass(frozen=True, slots=True)
class Watched:
    """The figure that chooses the best epoch.

    Attributes:
        name: As the learner logs it, e.g. "val_foreground_iou".
        mode: Whether more or less of it is better.
    """

    name: str
    mode: Literal["max", "min"]


@runtime_checkable
class Trained(Protocol):
    """A trained network, as `trainers.learn.checkpoint.TrainedModel` holds it."""

    @property
    def network(self) -> nn.Module:
        """In evaluation mode: RGB normalised by `trainers.models.pixels.prepared` (b, 3, h, w) → outputs."""
        ...

    def outputs(self, images: UInt8[np.ndarray, "b h w 3"], **told: Any) -> Any:
        """Return what the network gives on these pictures, on its device; `told` is what else it takes, if anything."""
        ...

    @property
    def config(self) -> TrainingConfig:
        """What it was trained with."""
        ...

    @property
    def size(self) -> Size:
        """(height, width) it was trained at."""
        ...

    @property
    def title(self) -> str:
        """Name in tables."""
        ...

    @property
    def operating_point(self) -> OperatingPoint:
        """How its outputs become decisions."""
        ...


@runtime_checkable
class Task(Protocol):
    """What is learnt."""

    @property
    def name(self) -> str:
        """Name in `TASKS` and `CONFIGS`."""
        ...

    @property
    def config(self) -> type[TrainingConfig]:
        """The model of its configs."""
        ...

    def collate(self, config: Any) -> Collate:
        """Return how truth becomes targets, and which parts of it are read."""
        ...

    @property
    def watched(self) -> Watched:
        """The figure of the validation split that chooses the best epoch."""
        ...

    @property
    def kind(self) -> Kind:
        """What its predictor gives, and so how it is scored."""
        ...

    def check_size(self, size: Size, network: nn.Module) -> None:
        """Refuse pictures that its `network` cannot take.

        Raises:
            TrainingError: The sides do not fit.
        """
        ...

    def network(self, config: Any) -> nn.Module:
        """Build the network that `config` names, with the weights that it names.

        Raises:
            TrainingError: The network is unknown, or its weights do not fit.
        """
        ...

    def learner(self, network: nn.Module, config: Any) -> lightning.LightningModule:
        """Return the `trainers.learn.learner.Learner` that trains `network`."""
        ...

    def example(self, size: Size, count: int) -> Batch:
        """Return a made-up batch, for counting what a step costs."""
        ...

    def predictor(self, model: Trained) -> Any:
        """Return a predictor of `trainers.predict.protocols`, of this task's kind."""
        ...

    def graph(self, model: Trained) -> nn.Module:
        """Return the graph to export: RGB uint8 (b, h, w, 3) → what the predictor gives, as one float tensor.

        Where the predictor is a `trainers.predict.protocols.ShowsWhere`, it is two: labels and maps.
        """
        ...


@dataclass(frozen=True, slots=True, eq=False)
class Graph:
    """A graph of a package.

    Attributes:
        file: Its name in the package.
        module: What is exported.
        inputs: Names of what it takes.
        outputs: Names of what it gives.
        counted: Of each input, what its first side counts.
        examples: RGB uint8 (b, h, w, 3) → what it takes when a picture of these is predicted, by torch.
        said: What its metadata have beside the title, classes and operating point.
    """

    file: str
    module: nn.Module
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    counted: tuple[str, ...]
    examples: Callable[[Tensor], tuple[Tensor, ...]]
    said: Mapping[str, str] = field(default_factory=dict)


@runtime_checkable
class PacksGraphs(Protocol):
    """A task whose models are packed as several graphs, or decided on outside of a graph; `Task.graph` is not asked."""

    def graphs(self, model: Trained) -> tuple[Graph, ...]:
        """Return the graphs to export, on the CPU; the first one takes pictures."""
        ...


@runtime_checkable
class ChecksData(Protocol):
    """A task that looks at what is to be learnt from before training."""

    def check_data(self, config: Any, dataset: ShardDataset | None, samples: Samples | None) -> None:
        """Refuse what cannot be learnt from; `samples` are learnt from instead of the dataset's.

        Raises:
            DatasetError: It cannot be read.
            TrainingError: It does not fit.
        """
        ...


@runtime_checkable
class Prepares(Protocol):
    """A task that works on the pictures before training."""

    def prepare(self, config: Any, pictures: Mapping[Split, Samples], console: Console) -> None:
        """Do so; the pictures of each split are as the network sees them, before any augmentation.

        Raises:
            OutputError: A file cannot be written.
        """
        ...


@runtime_checkable
class Publishes(Protocol):
    """A task whose models other libraries open, too."""

    def publish(self, model: Trained, folder: Path) -> None:
        """Write what they open into `folder`, beside the model.

        Raises:
            OutputError: A file cannot be written.
        """
        ...


@dataclass(frozen=True, slots=True, eq=False)
class More:
    """Scores that a task has beside those of its kind.

    Attributes:
        figures: Name of a score → a figure of each picture; the score is their mean.
        baselines: Name of a baseline → its scores.
    """

    figures: Mapping[str, Float64[np.ndarray, " pictures"]]
    baselines: Mapping[str, Mapping[str, float]]


@runtime_checkable
class ScoresMore(Protocol):
    """A task whose models are scored by more than its kind; a study's tables tell of it."""

    def more(self, model: Trained, dataset: Path, split: Split, *, samples: int) -> More:
        """Score a model on the first samples of a split.

        Raises:
            DatasetError: There is no such split, or it cannot be read.
        """
        ...


TASKS: LazyRegistry[Task] = LazyRegistry("task")
"""All tasks by name."""
TASKS.register("segmentation", "trainers.tasks.segmentation.task:SEGMENTATION")
TASKS.register("classification", "trainers.tasks.classification.task:CLASSIFICATION")
TASKS.register("contrastive", "trainers.tasks.contrastive.task:CONTRASTIVE")
TASKS.register("detection", "trainers.tasks.detection.task:DETECTION")
