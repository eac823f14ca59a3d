"""Encoders that give a feature map at each of their stages: smp's, timm's, and classifiers of torchvision's."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import segmentation_models_pytorch as smp
import timm
import torch
import torchvision
from torch import Tensor, nn
from torch.nn.functional import max_pool2d

from synthgen.core.errors import TrainingError
from trainers.config.weights import NO_FILE
from trainers.models.encoder_network import follow_quickly, hub_failures_explained, load_encoder_weights

__all__ = ["ClassifierStages", "smp_encoder", "staged_encoder"]

CLASSIFIERS: dict[str, Callable[..., nn.Module]] = {
    "alexnet": torchvision.models.alexnet,
    "squeezenet1_0": torchvision.models.squeezenet1_0,
}
"""Those that segmentation-models-pytorch and timm lack."""

LAST = 5  # 2^5 = 32 is the stride of the last stage
SIDE = 64  # of the picture by which an encoder is tried


class ClassifierStages(nn.Module):
    """A classifier of torchvision's without its head, as smp's encoders are: a map before each pooling, and the last.

    Its state dict is the classifier's own. Convolution and poolings are padded so that they halve sides exactly: cells
    have to lie at whole multiples of the stride, by which anchors and regions are placed. So maps are a pixel or two
    beside the classifier's.

    Attributes:
        features: The layers.
        out_channels: Channels of the map at stride 2^i; 0 where there is none, and an empty map stands in its place.
    """

    def __init__(self, features: nn.Sequential) -> None:
        """Take the layers of a classifier, which begin with a strided convolution."""
        super().__init__()
        self.features = features
        first = features[0]
        assert isinstance(first, nn.Conv2d)
        self._first = first.stride[0].bit_length() - 1
        first.padding = tuple((side - first.stride[0] + 1) // 2 for side in first.kernel_size)
        for layer in features:
            if isinstance(layer, nn.MaxPool2d):
                layer.padding, layer.ceil_mode = 1, False
        with torch.no_grad():
            self.out_channels = tuple(stage.shape[1] for stage in self(torch.zeros(1, 3, SIDE, SIDE)))

    def forward(self, images: Tensor) -> list[Tensor]:
        """Return the maps of (b, 3, h, w), sides divisible by 32, at strides 1, 2, …, 32."""
        maps = [images, *[images[:, :0]] * (self._first - 1)]
        features = images
        for layer in self.features:
            if isinstance(layer, nn.MaxPool2d):
                maps.append(features)
            features = layer(features)
        maps.append(features)
        return maps if len(maps) > LAST else [*maps, max_pool2d(features, 3, 2, 1)]


def staged_encoder(encoder: str, weights: str) -> nn.Module:
    """Build (b, 3, h, w) → maps at strides 1, 2, …, 32, whose channels are `out_channels`; sides divisible by 32.

    Names are those of segmentation-models-pytorch, timm's among them after "tu-", and of `CLASSIFIERS`. Files of
    weights are smp's or torchvision's.

    Raises:
        TrainingError: The encoder is unknown or has no such stages, or its weights cannot be had or do not fit it.
    """
    if encoder in CLASSIFIERS:
        return _classifier(encoder, weights)
    if encoder not in (*smp.encoders.get_encoder_names(), *(f"tu-{name}" for name in timm.list_models())):
        raise TrainingError(
            f"unknown encoder {encoder!r}; choose one that segmentation-models-pytorch lists, e.g. mobilenet_v2, "
            f"resnet18, one of timm's after tu-, e.g. tu-convnext_tiny, or {' or '.join(CLASSIFIERS)}"
        )
    try:
        network = smp_encoder(encoder, weights)
        _check_stages(network)
    except (AssertionError, RuntimeError, ValueError, NotImplementedError) as error:
        reason = str(error).partition("\n")[0]
        raise TrainingError(f"encoder {encoder} gives no maps at strides 2 to 32: {reason}; choose another") from error
    if weights == "none":
        follow_quickly(network)
    return network


def smp_encoder(encoder: str, weights: str) -> nn.Module:
    """Build an encoder of segmentation-models-pytorch with random weights, the hub's, or those of a file.

    Raises:
        TrainingError: The weights cannot be had or do not fit it.
    """
    try:
        with hub_failures_explained(encoder):
            network: nn.Module = smp.encoders.get_encoder(
                encoder, weights="imagenet" if weights == "imagenet" else None
            )
    except KeyError as error:
        raise TrainingError(f"encoder {encoder} has no weights called imagenet; give a local file") from error
    if weights not in NO_FILE:
        load_encoder_weights(network, Path(weights))
    return network


def _classifier(encoder: str, weights: str) -> nn.Module:
    with hub_failures_explained(encoder):
        classifier = CLASSIFIERS[encoder](weights="DEFAULT" if weights == "imagenet" else None)
    features = classifier.features
    assert isinstance(features, nn.Sequential)
    network = ClassifierStages(features)
    if weights not in NO_FILE:
        load_encoder_weights(network, Path(weights))
    return network


@torch.no_grad()
def _check_stages(network: nn.Module) -> None:
    """Try an encoder on a small picture.

    Raises:
        ValueError: Its maps are at other strides.
    """
    training = network.training
    sides = [stage.shape[-1] for stage in network.eval()(torch.zeros(1, 3, SIDE, SIDE))]
    network.train(training)
    if sides[3:] != [SIDE // 2**number for number in (3, 4, 5)]:
        raise ValueError(f"maps of a picture of side {SIDE} have sides {sides}")
