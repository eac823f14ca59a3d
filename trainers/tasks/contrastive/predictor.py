"""A small CLIP asked for the label: is a picture nearer to "a weapon" than to "a scene"? Also as a graph."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Float32, UInt8
from torch import Tensor, nn

from trainers.clip.small import SmallClip
from trainers.models.pixels import prepared_bytes
from trainers.tasks.contrastive.captions import NOTHING
from trainers.tasks.trained_predictor import TrainedPredictor

__all__ = ["ZeroShot", "ZeroShotGraph"]


class ZeroShotGraph(nn.Module):
    """RGB uint8 (b, h, w, 3) → probability (b, 1) that a picture shows a target, preparation within."""

    prompts: Tensor

    def __init__(self, network: SmallClip, noun: str) -> None:
        """Embed the two prompts once."""
        super().__init__()
        self.network = network
        with torch.no_grad():
            ids = network.prompts([NOTHING, f"a {noun}"]).to(network.clip.logit_scale.device)
            self.register_buffer("prompts", (network.scale * network.texts(ids)).clone())

    def forward(self, images: Tensor) -> Tensor:
        """Return probabilities."""
        found = self.network(prepared_bytes(images))
        return torch.softmax(found @ self.prompts.T, dim=1)[:, 1:]


@dataclass(frozen=True, slots=True, eq=False)
class ZeroShot(TrainedPredictor):
    """A `trainers.predict.protocols.LabelPredictor`.

    Attributes:
        graph: What it runs.
    """

    graph: ZeroShotGraph

    @torch.inference_mode()
    def labels(self, images: UInt8[np.ndarray, "b h w 3"]) -> Float32[np.ndarray, "b 1"]:
        """Return the probability, 0–1, that a picture shows a target."""
        found: np.ndarray = self.graph(torch.from_numpy(images).to(self.graph.prompts.device)).cpu().numpy()
        return found
