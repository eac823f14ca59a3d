"""The study's transfer networks: a frozen classifier's last feature map, and a small decoder without skips.

Five 2× up-samplings (nearest) lead from stride 32 back to full resolution, one before each group of
convolutions and one before the head. The groups, in multiples of the base width, depend on the encoder and on batch
normalisation, which EfficientNet's and MobileNet's decoders have after the activation, DenseNet's before it.
"""

from __future__ import annotations

from pathlib import Path

import torch
import torchvision
from torch import Tensor, nn

from synthgen.core.errors import TrainingError
from trainers.config.segmentation import SegmentationConfig
from trainers.config.weights import NO_FILE
from trainers.models.encoder_network import hub_failures_explained, load_encoder_weights

__all__ = ["Transfer", "from_config", "transfer_network"]

Groups = tuple[tuple[int, ...], ...]
DECODERS: dict[tuple[str, bool], Groups] = {
    ("efficientnet-b0", False): ((1, 2), (2, 4), (4,), (4,)),
    ("efficientnet-b0", True): ((1, 2), (4, 4), (4,), (4,)),
    ("mobilenet_v2", False): ((2, 4), (2, 4), (2,), (8,)),
    ("mobilenet_v2", True): ((1, 2), (2, 4), (4,), (4,)),
    ("densenet121", False): ((1, 2), (2, 4), (4,), (4,)),
    ("densenet121", True): ((1, 2), (2, 4), (4,), (4,)),
}
CLASSIFIERS = {
    "efficientnet-b0": torchvision.models.efficientnet_b0,
    "mobilenet_v2": torchvision.models.mobilenet_v2,
    "densenet121": torchvision.models.densenet121,
}
CHANNELS = {"efficientnet-b0": 1280, "mobilenet_v2": 1280, "densenet121": 1024}
ACTIVATIONS = {"efficientnet-b0": "relu", "mobilenet_v2": "leaky_relu", "densenet121": "elu"}


class Transfer(nn.Module):
    """Frozen encoder, trained decoder: (b, 3, h, w) → logits (b, channels, h, w); h and w divisible by 32."""

    def __init__(self, encoder: nn.Module, decoder: nn.Sequential) -> None:
        """Join an encoder that ends at stride 32 and a decoder from there."""
        super().__init__()
        self.encoder = encoder.requires_grad_(False)
        self.decoder = decoder

    def train(self, mode: bool = True) -> Transfer:
        """Switch the decoder; the encoder always evaluates, so that its statistics stay those of its weights."""
        super().train(mode)
        self.encoder.eval()
        return self

    def forward(self, images: Tensor) -> Tensor:
        """Return logits."""
        with torch.no_grad():
            features = self.encoder(images)
        logits: Tensor = self.decoder(features)
        return logits


class _Features(nn.Module):
    """All of a classifier of torchvision before its pooling; named as in torchvision's files of weights."""

    def __init__(self, encoder: str, *, pretrained: bool) -> None:
        """Build with the hub's ImageNet weights, or with random ones."""
        super().__init__()
        self.features = CLASSIFIERS[encoder](weights="DEFAULT" if pretrained else None).features
        self.last = nn.ReLU() if encoder == "densenet121" else nn.Identity()

    def forward(self, images: Tensor) -> Tensor:
        """Return the last feature map, at stride 32."""
        features: Tensor = self.last(self.features(images))
        return features


def from_config(config: SegmentationConfig) -> nn.Module:
    """Build what `transfer_network` builds, as `config` says."""
    return transfer_network(
        config.encoder,
        config.weights,
        width=config.width,
        kernel=config.kernel,
        batch_norm=config.batch_norm,
        activation=config.activation,
        alpha=config.alpha,
        channels=config.channels,
    )


def transfer_network(
    encoder: str,
    weights: str,
    *,
    width: int,
    kernel: int,
    batch_norm: bool,
    activation: str,
    alpha: float,
    channels: int = 1,
) -> Transfer:
    """Build the study's network over one of its three encoders; `activation` "own" is the one it gives that encoder.

    Raises:
        TrainingError: The encoder is none of the three, or the weights cannot be had or do not fit it.
    """
    if encoder not in CLASSIFIERS:
        raise TrainingError(f"network transfer has no encoder {encoder!r}; choose one of: {', '.join(CLASSIFIERS)}")
    name = ACTIVATIONS[encoder] if activation == "own" else activation
    layers: list[nn.Module] = []
    inputs = CHANNELS[encoder]
    for group in DECODERS[encoder, batch_norm]:
        layers.append(nn.Upsample(scale_factor=2))
        for multiple in group:
            layers.append(nn.Conv2d(inputs, multiple * width, kernel, padding="same"))
            inputs = multiple * width
            after = [_activation(name, alpha), *([nn.BatchNorm2d(inputs)] if batch_norm else [])]
            layers += reversed(after) if encoder == "densenet121" else after
    layers += [nn.Upsample(scale_factor=2), nn.Conv2d(inputs, channels, 1)]
    return Transfer(_features(encoder, weights), nn.Sequential(*layers))


def _activation(name: str, alpha: float) -> nn.Module:
    if name == "leaky_relu":
        return nn.LeakyReLU(alpha)
    return nn.ELU() if name == "elu" else nn.ReLU()


def _features(encoder: str, weights: str) -> _Features:
    with hub_failures_explained(encoder):
        features = _Features(encoder, pretrained=weights == "imagenet")
    if weights not in NO_FILE:
        load_encoder_weights(features, Path(weights))
    return features
