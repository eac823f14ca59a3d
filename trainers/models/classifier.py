"""timm's classifiers with one logit for a whole picture."""

from __future__ import annotations

from pathlib import Path

import timm
import torch
from torch import Tensor, nn

from synthgen.core.errors import TrainingError
from trainers.config.weights import NO_FILE
from trainers.models.encoder_network import hub_failures_explained, load_encoder_weights

__all__ = ["Classifier", "timm_encoder"]


class Classifier(nn.Module):
    """An encoder of timm with its pooling, and one logit above: (b, 3, h, w) → logits (b, 1)."""

    def __init__(self, encoder: str, weights: str) -> None:
        """Build with random weights, the hub's, or those of a local file.

        Raises:
            TrainingError: timm has no such classifier, or the weights cannot be had or do not fit it.
        """
        super().__init__()
        self.encoder = timm_encoder(encoder, weights)
        self.head = nn.Linear(_features(self.encoder, encoder), 1)

    def forward(self, images: Tensor) -> Tensor:
        """Return logits."""
        logits: Tensor = self.head(self.encoder(images))
        return logits


def timm_encoder(encoder: str, weights: str) -> nn.Module:
    """Build (b, 3, h, w) → features (b, d), as timm pools them, with random weights, the hub's, or those of a file.

    Raises:
        TrainingError: timm has no such classifier, or the weights cannot be had or do not fit it.
    """
    if encoder not in timm.list_models():
        raise TrainingError(
            f"unknown encoder {encoder!r}; choose one that timm lists, e.g. mobilenetv3_small_100, resnet18"
        )
    with hub_failures_explained(encoder):
        network: nn.Module = timm.create_model(encoder, pretrained=weights == "imagenet", num_classes=0)
    if weights not in NO_FILE:
        load_encoder_weights(network, Path(weights))
    return network


@torch.no_grad()
def _features(encoder: nn.Module, name: str) -> int:
    """Count what an encoder gives; some give more than timm's `num_features` says."""
    try:
        found: int = encoder.eval()(torch.zeros(1, 3, 64, 64)).shape[-1]
    except (AssertionError, RuntimeError) as error:
        raise TrainingError(f"encoder {name} takes pictures of one size only: {error}; choose another one") from error
    encoder.train()
    return found
