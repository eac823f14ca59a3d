"""CAM (Zhou et al. 2016): what a classifier's last layer says of each place, where its logits are the mean of that.

So it needs a network that ends in global average pooling and one linear layer, such as a ResNet or MobileNetV2. In a
SqueezeNet the layer is a convolution before the pooling, which is the same.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from jaxtyping import Float
from torch import Tensor, nn

from synthgen.core.errors import TrainingError
from trainers.config.localizer import LocalizerConfig
from trainers.localize.networks.of_classes import ClassNetwork, class_network
from trainers.localize.networks.scoring import ByScores, by_scores, watched

__all__ = ["cam", "cam_maps"]

CLOSE = 1e-3  # of the largest logit: how well the maps' mean has to give the logits


@torch.no_grad()
def cam_maps(
    network: ClassNetwork, pixels: Float[Tensor, "b 3 h w"], prompts: Sequence[str]
) -> Float[Tensor, "b k _down _across"]:
    """Return the maps of each prompt's classes, weighted by their shares in its score.

    Raises:
        TrainingError: A prompt means nothing to the network.
    """
    maps, logits = _class_maps(network, pixels)
    return torch.einsum("bchw,bkc->bkhw", maps, network.shares(logits, prompts))


def cam(config: LocalizerConfig) -> ByScores:
    """Return it.

    Raises:
        TrainingError: What it stands on cannot be opened or ends otherwise, the size does not fit, or a prompt means
            nothing to it.
    """
    network = class_network(config)
    found = by_scores(config.method, network, cam_maps, config.prompts, positive=False)
    _check_its_end(network)
    return found


def _class_maps(network: ClassNetwork, pixels: Tensor) -> tuple[Tensor, Tensor]:
    """Return what the last layer says of each place (b, classes, down, across), and the logits (b, classes)."""
    cells, logits = watched(network.part, lambda: network.logits(pixels))
    layers = [part for part in network.layers.modules() if isinstance(part, nn.Linear)]
    if not layers:  # as in SqueezeNet, whose last part is the pooling
        maps: Tensor = network.layers.get_submodule("classifier")[:-1](cells)  # type: ignore[index]
        return maps, logits
    weight, bias = layers[-1].weight, layers[-1].bias
    return torch.einsum("bchw,oc->bohw", cells, weight) + bias[:, None, None], logits


@torch.no_grad()
def _check_its_end(network: ClassNetwork) -> None:
    """Refuse a network whose logits are not the means of its class maps, by a picture of noise.

    Raises:
        TrainingError: It is one.
    """
    noise = torch.rand(1, 3, *network.size, generator=torch.Generator().manual_seed(0)).to(network.mean.device)
    try:
        maps, logits = _class_maps(network, noise)
        same = torch.allclose(maps.mean((2, 3)), logits, rtol=0, atol=CLOSE * float(logits.abs().max()))
    except (AttributeError, RuntimeError):  # no such layer, or one that takes something else than the last map
        same = False
    if not same:
        raise TrainingError(
            f"cam needs a network that ends in global average pooling and one linear layer, unlike {network.title}; "
            "choose grad_cam, or another network, e.g. mobilenet_v2 or resnet50"
        )
