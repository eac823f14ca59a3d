"""Classifiers of one logit for a whole picture: an encoder that gives one vector, and a small head above it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import torch
import torchvision
from torch import Tensor, nn

from synthgen.core.errors import TrainingError
from trainers.config.classification import ClassificationConfig
from trainers.config.weights import NO_FILE
from trainers.models.encoder_network import hub_failures_explained, load_encoder_weights
from trainers.models.pooled import vector_encoder

__all__ = ["Classifier", "resnet50", "timm", "vgg16"]

HIDDEN = 512  # units of the MLP; the paper that has these baselines does not say how many
SIDE = 64  # of the picture by which an encoder is tried


class Classifier(nn.Module):
    """An encoder with its pooling, and a head above: (b, 3, h, w) → logits (b, 1).

    Attributes:
        encoder: (b, 3, h, w) → features (b, d).
        head: Features → logits.
    """

    def __init__(self, encoder: nn.Module, head: nn.Module) -> None:
        """Put the head above the encoder."""
        super().__init__()
        self.encoder, self.head = encoder, head

    def forward(self, images: Tensor) -> Tensor:
        """Return logits."""
        logits: Tensor = self.head(self.encoder(images))
        return logits


def timm(config: ClassificationConfig) -> Classifier:
    """Build an encoder of timm's or of segmentation-models-pytorch's below one linear layer.

    Raises:
        TrainingError: Neither lists it, it takes pictures of one size only, or the weights cannot be had or do not fit.
    """
    encoder = vector_encoder(config.encoder, config.weights)
    return Classifier(encoder, nn.Linear(_features(encoder, config.encoder), 1))


def resnet50(config: ClassificationConfig) -> Classifier:
    """Build torchvision's ResNet-50 (He et al. 2016) below an MLP.

    Raises:
        TrainingError: The weights cannot be had or do not fit.
    """
    return _below_mlp(torchvision.models.resnet50, "fc", config.weights)


def vgg16(config: ClassificationConfig) -> Classifier:
    """Build torchvision's VGG-16 without batch norm (Simonyan and Zisserman 2015) below an MLP.

    Raises:
        TrainingError: The weights cannot be had or do not fit.
    """
    return _below_mlp(torchvision.models.vgg16, "classifier", config.weights)


def _below_mlp(build: Callable[..., nn.Module], last: str, weights: str) -> Classifier:
    """Build a classifier of torchvision's; a hidden layer and a logit take the place of its part `last`."""
    with hub_failures_explained(build.__name__):
        encoder = build(weights="DEFAULT" if weights == "imagenet" else None)
    setattr(encoder, last, nn.Identity())
    if weights not in NO_FILE:
        load_encoder_weights(encoder, Path(weights))
    features = _features(encoder, build.__name__)
    return Classifier(encoder, nn.Sequential(nn.Linear(features, HIDDEN), nn.ReLU(), nn.Linear(HIDDEN, 1)))


@torch.no_grad()
def _features(encoder: nn.Module, name: str) -> int:
    """Count what an encoder gives; some give more than timm's `num_features` says."""
    try:
        found: int = encoder.eval()(torch.zeros(1, 3, SIDE, SIDE)).shape[-1]
    except (AssertionError, RuntimeError) as error:
        raise TrainingError(f"encoder {name} takes pictures of one size only: {error}; choose another one") from error
    encoder.train()
    return found
