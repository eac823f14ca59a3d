"""Small heads over the tokens of a frozen CLIP: a linear layer, and a comparison of prompts, which learns nothing."""

from __future__ import annotations

import math

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn.functional import normalize

__all__ = ["LinearHead", "ZeroShotHead"]


class LinearHead(nn.Module):
    """The picture's embedding → logits (b, 1), by one linear layer.

    The embedding is brought to a mean square of 1, so that one learning rate fits any CLIP.
    """

    def __init__(self, width: int) -> None:
        """Take embeddings of `width` numbers."""
        super().__init__()
        self.decide = nn.Linear(width, 1)

    def forward(self, whole: Float[Tensor, "b e"], patches: Float[Tensor, "b n e"]) -> Float[Tensor, "b 1"]:
        """Return logits."""
        logits: Tensor = self.decide(normalize(whole, dim=1) * math.sqrt(whole.shape[1]))
        return logits


class ZeroShotHead(nn.Module):
    """The picture's embedding → logits (b, 1), by what CLIP knows of prompts (Radford et al. 2021, section 3.1).

    Each prompt is compared with the same backgrounds, and not with the other prompts: a picture may show a gun and so a
    weapon. Its probability is its part of the softmax over itself and the backgrounds; the highest one decides.
    """

    prompts: Tensor
    backgrounds: Tensor

    def __init__(self, prompts: Float[Tensor, "p e"], backgrounds: Float[Tensor, "k e"], scale: float) -> None:
        """Compare the embeddings of prompts, of unit length; `scale` multiplies cosines."""
        super().__init__()
        self.register_buffer("prompts", scale * prompts, persistent=False)  # they follow from the config
        self.register_buffer("backgrounds", scale * backgrounds, persistent=False)

    def forward(self, whole: Float[Tensor, "b e"], patches: Float[Tensor, "b n e"]) -> Float[Tensor, "b 1"]:
        """Return the logits of the likeliest prompt."""
        return self.by_prompt(whole).amax(1, keepdim=True)

    def by_prompt(self, whole: Float[Tensor, "b e"]) -> Float[Tensor, "b p"]:
        """Return a logit for each prompt; its sigmoid is the softmax."""
        whole = normalize(whole, dim=1)
        return whole @ self.prompts.T - torch.logsumexp(whole @ self.backgrounds.T, 1, keepdim=True)
