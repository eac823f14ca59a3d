"""The head of LCTR (Chen et al. 2022, "LCTR: On awakening the local continuity of transformer") over a frozen CLIP."""

from __future__ import annotations

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn.functional import avg_pool2d

from trainers.models.ts_cam import CLASSES

__all__ = ["LctrHead", "reached"]

EXPERTS = 4


class LctrHead(nn.Module):
    """Tokens of patches as a grid, each with how much the class token attends to it → logits (b, 2).

    Patches that are attended to little are looked at first, as cues; cues decide how far each of four kernels of 3×3
    goes into the one that scores the patches (the cue digging module). 5,370,634 weights at a width of 768. It takes
    grids of any size.

    Attributes:
        positive: Whether what is below 0 in its map counts as nothing; here nothing is below 0.
    """

    positive = True

    def __init__(self, width: int) -> None:
        """Begin with random weights.

        Args:
            width: Of the tokens without the attention.
        """
        super().__init__()
        self.cue = nn.Conv2d(width, width, 3, padding=1)
        self.by_mean, self.by_most = nn.Linear(width, EXPERTS), nn.Linear(width, EXPERTS)
        self.kernels = nn.Conv2d(width, EXPERTS * CLASSES, 3, padding=1, bias=False)
        self.bias = nn.Parameter(torch.zeros(CLASSES, 1, 1))

    def forward(self, patches: Float[Tensor, "b w1 down across"]) -> Float[Tensor, "b 2"]:
        """Return logits."""
        return self.pooled(self.scores(patches))

    def scores(self, patches: Float[Tensor, "b w1 down across"]) -> Float[Tensor, "b 2 down across"]:
        """Return the score of each patch for each class.

        A convolution is linear in its kernel, so each kernel is applied by itself, and the results are mixed.

        Args:
            patches: The last number of each is the class token's attention to it, the mean over layers and heads.
        """
        tokens, attended = patches[:, :-1], patches[:, -1:]
        cue = self.cue(tokens * (1 - attended))
        shares = torch.sigmoid(self.by_mean(cue.mean((2, 3))) + self.by_most(cue.amax((2, 3))))
        each = self.kernels(tokens).unflatten(1, (EXPERTS, CLASSES))
        mixed: Tensor = (shares[:, :, None, None, None] * each).sum(1) + self.bias
        return mixed

    def pooled(self, scores: Float[Tensor, "b 2 down across"]) -> Float[Tensor, "b 2"]:
        """Return the logits that scores add up to: their mean after a pooling of 3×3, for which 0 lies around them."""
        return avg_pool2d(scores, 3, stride=1, padding=1).mean((2, 3))

    def relevance(
        self, scores: Float[Tensor, "b 2 down across"], attn: Float[Tensor, "b layers tokens tokens"]
    ) -> Float[Tensor, "b down across"]:
        """Return the map of the target: its scores above 0, times how far the class token reaches each patch."""
        return reached(attn).reshape(scores[:, 1].shape) * scores[:, 1].relu()


def reached(attn: Float[Tensor, "b layers tokens tokens"]) -> Float[Tensor, "b n"]:
    """Return how far the class token reaches each patch by way of all tokens (the relational patch-attention module).

    In a layer with attention A it is the mean over tokens i of A[0, i] · A[i, p]; the mean over layers is returned.
    """
    through = (attn[:, :, :1] @ attn)[:, :, 0] / attn.shape[-1]
    return through.mean(1)[:, 1:]
