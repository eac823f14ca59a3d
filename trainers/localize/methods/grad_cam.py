"""Grad-CAM (Selvaraju et al. 2017): channels of the last map, weighted by how much the score grows with each.

It asks a CLIP whose image tower is a ResNet, a classifier of torchvision's, or one that was trained here.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from jaxtyping import Float
from torch import Tensor

from trainers.config.localizer import LocalizerConfig
from trainers.localize.networks.opened import open_network
from trainers.localize.networks.scoring import ByScores, ScoringNetwork, by_scores, looked

__all__ = ["grad_cam", "grad_cam_maps"]


def grad_cam_maps(
    network: ScoringNetwork, pixels: Float[Tensor, "b 3 h w"], prompts: Sequence[str]
) -> Float[Tensor, "b k _down _across"]:
    """Return w = mean over places of ∂ score / ∂ map, and ReLU(Σ w · map) over channels (equations 1 and 2).

    Raises:
        TrainingError: A prompt means nothing to the network.
    """
    with torch.inference_mode(False), torch.enable_grad():
        cells, scores = looked(network, pixels, prompts)
        slopes = [
            torch.autograd.grad(score.sum(), cells, retain_graph=True)[0].mean((2, 3)) for score in scores.unbind(1)
        ]
    return torch.einsum("bchw,bkc->bkhw", cells.detach(), torch.stack(slopes, 1)).relu()


def grad_cam(config: LocalizerConfig) -> ByScores:
    """Return it.

    Raises:
        TrainingError: What it stands on cannot be opened or has no last map, the size does not fit, or a prompt means
            nothing to it.
    """
    return by_scores(config.method, open_network(config), grad_cam_maps, config.prompts, positive=True)
