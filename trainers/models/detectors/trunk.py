"""What networks of given regions stand on: a map of a picture at stride 16, and features of a part of such a map."""

from __future__ import annotations

from abc import abstractmethod
from itertools import pairwise
from pathlib import Path

import torchvision
from torch import Tensor, nn

from trainers.config.detection import DetectionConfig
from trainers.config.weights import NO_FILE
from trainers.models.encoder_network import hub_failures_explained, load_encoder_weights
from trainers.models.staged import staged_encoder

__all__ = ["POOLED", "STRIDE", "AlexNet", "Stages", "Trunk", "trunk_of"]

STRIDE, POOLED = 16, 6
STAGE = 4  # of an encoder: 2^4 = 16
HIDDEN = 4
"""Features of a region over `width`, where the encoder has no layers for them; 512 by default."""


class Trunk(nn.Module):
    """Pictures (b, 3, h, w) → a map at `STRIDE`.

    Attributes:
        out_channels: Of the map.
        out_features: Of a region.
    """

    out_channels: int
    out_features: int

    @property
    @abstractmethod
    def encoder(self) -> nn.Module:
        """What begins with weights, and learns at a rate of its own."""

    @abstractmethod
    def described(self, pooled: Tensor) -> Tensor:
        """Return the features of parts of the map, each pooled to (channels, `POOLED`, `POOLED`)."""


class AlexNet(Trunk):
    """torchvision's AlexNet (Krizhevsky 2014) less its last pooling and its last layer; all of it begins with weights.

    Names are those of torchvision's state dict.
    """

    out_channels, out_features = 256, 4096

    def __init__(self, *, pretrained: bool = False) -> None:
        """Build with the hub's ImageNet weights, or with random ones."""
        super().__init__()
        whole = torchvision.models.alexnet(weights="DEFAULT" if pretrained else None)
        self.features, self.classifier = whole.features[:-1], whole.classifier[:-1]

    @property
    def encoder(self) -> nn.Module:
        """All layers."""
        return self

    def forward(self, images: Tensor) -> Tensor:
        """Return the map: of 480×640 pixels 29×39 places, as nothing is padded."""
        found: Tensor = self.features(images)
        return found

    def described(self, pooled: Tensor) -> Tensor:
        """Return the outputs of its fully connected layers fc6 and fc7."""
        found: Tensor = self.classifier(pooled.flatten(1))
        return found


class Stages(Trunk):
    """An encoder of `trainers.models.staged` up to stride 16, and fully connected layers of this network's own.

    The map is normalised over all of it, as new layers of a small deviation take values about 1; those of SqueezeNet,
    which normalises nothing itself, lie at some hundred.
    """

    def __init__(self, encoder: nn.Module, width: int) -> None:
        """Stand on an encoder."""
        super().__init__()
        self.stages, self.out_features = encoder, HIDDEN * width
        self.out_channels = int(encoder.out_channels[STAGE])  # type: ignore[index]  # smp gives a list
        self.scaled = nn.GroupNorm(1, self.out_channels)
        sides = (self.out_channels * POOLED**2, self.out_features, self.out_features)
        layers = [[nn.Linear(*pair), nn.ReLU(), nn.Dropout(0.5)] for pair in pairwise(sides)]
        self.fully = nn.Sequential(nn.Flatten(), *(layer for group in layers for layer in group))

    @property
    def encoder(self) -> nn.Module:
        """The encoder without the layers that are new."""
        return self.stages

    def forward(self, images: Tensor) -> Tensor:
        """Return the map."""
        found: Tensor = self.scaled(self.stages(images)[STAGE])
        return found

    def described(self, pooled: Tensor) -> Tensor:
        """Return the outputs of two layers of 4 × `width` features."""
        found: Tensor = self.fully(pooled)
        return found


def trunk_of(config: DetectionConfig) -> Trunk:
    """Build the trunk that `config` names; weights of AlexNet are those of its fully connected layers, too.

    Raises:
        TrainingError: The encoder is unknown, or its weights do not fit.
    """
    if config.encoder != "alexnet":
        return Stages(staged_encoder(config.encoder, config.weights), config.width)
    with hub_failures_explained(config.encoder):
        trunk = AlexNet(pretrained=config.weights == "imagenet")
    if config.weights not in NO_FILE:
        load_encoder_weights(trunk, Path(config.weights))
    return trunk
