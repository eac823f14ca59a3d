"""Score-CAM (Wang et al. 2020): channels of the last map, weighted by the score of the picture that each leaves over.

It asks the network once for each channel: 2,048 times a picture over a ResNet-50.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from jaxtyping import Float
from torch import Tensor
from torch.nn.functional import interpolate

from trainers.config.localizer import LocalizerConfig
from trainers.localize.networks.opened import open_network
from trainers.localize.networks.scoring import ByScores, ScoringNetwork, by_scores, looked

__all__ = ["channel_scores", "enlarged", "score_cam", "score_cam_maps"]

CHANNELS = 32  # that are asked at once; it bounds memory
LEAST_RANGE = 1e-8  # of a channel, which is nowhere then


@torch.no_grad()
def score_cam_maps(
    network: ScoringNetwork, pixels: Float[Tensor, "b 3 h w"], prompts: Sequence[str]
) -> Float[Tensor, "b k _down _across"]:
    """Return ReLU(Σ w · map) over channels, where w is the softmax over channels of their scores.

    Raises:
        TrainingError: A prompt means nothing to the network.
    """
    cells, _ = looked(network, pixels, prompts)
    scores = [channel_scores(network, *each, prompts) for each in zip(pixels, cells, strict=True)]
    return torch.einsum("bchw,bck->bkhw", cells, torch.stack(scores).softmax(1)).relu()


def channel_scores(
    network: ScoringNetwork,
    picture: Float[Tensor, "3 h w"],
    cells: Float[Tensor, "c _down _across"],
    prompts: Sequence[str],
) -> Float[Tensor, "c k"]:
    """Return the scores of what each channel leaves of a picture; the rest of it takes the network's mean colour.

    Raises:
        TrainingError: A prompt means nothing to the network.
    """
    found = list[Tensor]()
    for some in torch.split(cells[:, None], CHANNELS):
        shown = enlarged(some, picture.shape[-2:])
        low, high = shown.amin((2, 3), keepdim=True), shown.amax((2, 3), keepdim=True)
        shown = (shown - low) / (high - low + LEAST_RANGE)
        found.append(network.scores(network.mean + shown * (picture - network.mean), prompts))
    return torch.cat(found)


def enlarged(cells: Float[Tensor, "c 1 _down _across"], size: torch.Size) -> Float[Tensor, "c 1 h w"]:
    """Enlarge channels to a picture; pixel centres stay centres."""
    return interpolate(cells, size=size, mode="bilinear", align_corners=False)


def score_cam(config: LocalizerConfig) -> ByScores:
    """Return it.

    Raises:
        TrainingError: What it stands on cannot be opened or has no last map, the size does not fit, or a prompt means
            nothing to it.
    """
    return by_scores(config.method, open_network(config), score_cam_maps, config.prompts, positive=True)
