"""A trained classifier as a predictor of labels, and as a graph to export; some also say where they look."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Float32, UInt8
from torch import Tensor, nn

from trainers.config.classification import ClassificationConfig
from trainers.models.pixels import prepared_bytes
from trainers.task import Trained
from trainers.tasks.classification.over_clip import ShowsWhere, ZeroShot
from trainers.tasks.trained_predictor import TrainedPredictor

__all__ = ["ClassificationGraph", "Classifies", "ComparesPrompts", "MappingGraph", "Maps", "classifier_of", "graph_of"]


@dataclass(frozen=True, slots=True, eq=False)
class Classifies(TrainedPredictor):
    """A `trainers.predict.protocols.LabelPredictor`."""

    def labels(self, images: UInt8[np.ndarray, "b h w 3"]) -> Float32[np.ndarray, "b 1"]:
        """Return the probability, 0–1, that a picture shows a target."""
        return _probabilities(self.model.outputs(images))


class Maps(Classifies):
    """A `trainers.predict.protocols.ShowsWhere`."""

    __slots__ = ()

    def labels_and_maps(
        self, images: UInt8[np.ndarray, "b h w 3"]
    ) -> tuple[Float32[np.ndarray, "b 1"], Float32[np.ndarray, "b h w"]]:
        """Return the probability of each picture, and how much each pixel speaks for a target."""
        logits, maps = self.model.outputs(images, mapped=True)
        return _probabilities(logits), maps.float().cpu().numpy()


class ComparesPrompts(Classifies):
    """A `trainers.predict.protocols.ComparesPrompts`, which learnt nothing."""

    __slots__ = ()

    @property
    def prompts(self) -> tuple[str, ...]:
        """What is looked for."""
        config = self.model.config
        assert isinstance(config, ClassificationConfig), "as all models of this task have it"
        return config.prompts

    def by_prompt(self, images: UInt8[np.ndarray, "b h w 3"]) -> Float32[np.ndarray, "b p"]:
        """Return the probability of each prompt, beside the backgrounds; the highest one is that of label 1."""
        return _probabilities(self.model.outputs(images, by_prompt=True))


class ClassificationGraph(nn.Module):
    """RGB uint8 (b, h, w, 3) → probabilities (b, 1), preparation within."""

    def __init__(self, network: nn.Module) -> None:
        """Wrap a network of logits."""
        super().__init__()
        self.network = network

    def forward(self, images: Tensor) -> Tensor:
        """Return probabilities."""
        return torch.sigmoid(self.network(prepared_bytes(images)))


class MappingGraph(ClassificationGraph):
    """The same → probabilities (b, 1), and maps of 0–1 (b, h, w)."""

    def forward(self, images: Tensor) -> tuple[Tensor, Tensor]:  # type: ignore[override]  # a graph of two outputs
        """Return both."""
        logits, maps = self.network(prepared_bytes(images), mapped=True)
        return torch.sigmoid(logits), maps


def classifier_of(model: Trained) -> Classifies:
    """Return a predictor that tells all that its network knows."""
    if isinstance(model.network, ShowsWhere):
        return Maps(model)
    return ComparesPrompts(model) if isinstance(model.network, ZeroShot) else Classifies(model)


def graph_of(network: nn.Module) -> ClassificationGraph:
    """Return the graph of a network."""
    return MappingGraph(network) if isinstance(network, ShowsWhere) else ClassificationGraph(network)


def _probabilities(logits: Tensor) -> np.ndarray:
    found: np.ndarray = torch.sigmoid(logits.float()).cpu().numpy()
    return found
