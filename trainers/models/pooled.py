"""Encoders that give one vector for a whole picture: a classifier without its last layer."""

from __future__ import annotations

from pathlib import Path

import segmentation_models_pytorch as smp
import timm
import torch
from torch import Tensor, nn

from synthgen.core.errors import TrainingError
from synthgen.core.types import Size
from trainers.config.weights import NO_FILE
from trainers.models.encoder_network import follow_quickly, hub_failures_explained, load_encoder_weights
from trainers.models.staged import smp_encoder

__all__ = ["pooled_encoder", "vector_encoder"]


def pooled_encoder(encoder: str, weights: str, size: Size) -> nn.Module:
    """Build (b, 3, h, w) → features (b, d): the mean over the last feature map, or timm's own pooling.

    Names are those of segmentation-models-pytorch, whose files of weights are torchvision's, then those of timm.
    Without weights the encoder is random, and the same each time.

    Raises:
        TrainingError: The encoder is unknown or does not take pictures of this size, or its weights cannot be had or do
            not fit it.
    """
    with torch.random.fork_rng():
        torch.manual_seed(0)
        network = _of_smp_or_timm(encoder, weights).eval().requires_grad_(False)
    try:
        network(torch.zeros(1, 3, *size))
    except (AssertionError, RuntimeError) as error:
        reason = str(error).partition("\n")[0]
        raise TrainingError(
            f"encoder {encoder} takes no pictures of {size[0]}×{size[1]}: {reason}; choose another one"
        ) from error
    return network.to("cuda" if torch.cuda.is_available() else "cpu")


def vector_encoder(encoder: str, weights: str) -> nn.Module:
    """Build (b, 3, h, w) → features (b, d), which learns; a name that both libraries have is timm's.

    Raises:
        TrainingError: Neither has it, or the weights cannot be had or do not fit it.
    """
    if encoder in timm.list_models():
        return _of_timm(encoder, weights)
    network = _of_smp_or_timm(encoder, weights)
    if weights == "none":
        follow_quickly(network)
    return network


def _of_smp_or_timm(encoder: str, weights: str) -> nn.Module:
    if encoder in smp.encoders.get_encoder_names():
        return _Pooled(smp_encoder(encoder, weights))
    return _of_timm(encoder, weights)


def _of_timm(encoder: str, weights: str) -> nn.Module:
    if encoder not in timm.list_models():
        raise TrainingError(
            f"unknown encoder {encoder!r}; choose one that timm lists, e.g. mobilenetv3_small_100, resnet18, or "
            "segmentation-models-pytorch, e.g. mobilenet_v2"
        )
    with hub_failures_explained(encoder):
        network: nn.Module = timm.create_model(encoder, pretrained=weights == "imagenet", num_classes=0)
    if weights not in NO_FILE:
        load_encoder_weights(network, Path(weights))
    return network


class _Pooled(nn.Module):
    """The mean over the last feature map of an encoder that gives several."""

    def __init__(self, encoder: nn.Module) -> None:
        """Stand above an encoder of segmentation-models-pytorch."""
        super().__init__()
        self.encoder = encoder

    def forward(self, images: Tensor) -> Tensor:
        """Return features."""
        pooled: Tensor = self.encoder(images)[-1].mean(dim=(2, 3))
        return pooled
