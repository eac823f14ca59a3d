"""Encoders that give one vector for a whole picture: a classifier without its last layer."""

from __future__ import annotations

import segmentation_models_pytorch as smp
import torch
from torch import Tensor, nn

from synthgen.core.errors import TrainingError
from synthgen.core.types import Size
from trainers.models.classifier import timm_encoder
from trainers.models.staged import smp_encoder

__all__ = ["pooled_encoder"]


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
        network = _built(encoder, weights).eval().requires_grad_(False)
    try:
        network(torch.zeros(1, 3, *size))
    except (AssertionError, RuntimeError) as error:
        reason = str(error).partition("\n")[0]
        raise TrainingError(
            f"encoder {encoder} takes no pictures of {size[0]}×{size[1]}: {reason}; choose another one"
        ) from error
    return network.to("cuda" if torch.cuda.is_available() else "cpu")


def _built(encoder: str, weights: str) -> nn.Module:
    if encoder in smp.encoders.get_encoder_names():
        return _Pooled(smp_encoder(encoder, weights))
    return timm_encoder(encoder, weights)


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
