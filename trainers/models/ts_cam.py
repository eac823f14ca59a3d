"""The head of TS-CAM (Gao et al. 2021, "TS-CAM: Token semantic coupled attention map") over a frozen CLIP."""

from __future__ import annotations

from jaxtyping import Float
from torch import Tensor, nn

__all__ = ["CLASSES", "TsCamHead"]

CLASSES = 2  # without a target, with one


class TsCamHead(nn.Module):
    """Tokens of patches as a grid (b, w, h, w') → logits (b, 2): the mean of a score at each patch.

    One convolution of 3×3; 13,826 weights at a width of 768.

    Attributes:
        positive: Whether what is below 0 in its map counts as nothing.
    """

    positive = False

    def __init__(self, width: int, texts: Float[Tensor, "2 w"] | None = None) -> None:
        """Begin with random weights, or with texts: a patch scores its product with each of them then.

        Args:
            width: Of the tokens.
            texts: What each class is called, as the tower's projection sees it from the other side.
        """
        super().__init__()
        self.score = nn.Conv2d(width, CLASSES, 3, padding=1)
        if texts is not None:
            nn.init.zeros_(self.score.weight)
            nn.init.zeros_(self.score.bias)  # type: ignore[arg-type]  # it has one
            self.score.weight.data[:, :, 1, 1] = texts

    def forward(self, patches: Float[Tensor, "b w down across"]) -> Float[Tensor, "b 2"]:
        """Return logits."""
        return self.pooled(self.scores(patches))

    def scores(self, patches: Float[Tensor, "b w down across"]) -> Float[Tensor, "b 2 down across"]:
        """Return the score of each patch for each class."""
        found: Tensor = self.score(patches)
        return found

    def pooled(self, scores: Float[Tensor, "b 2 down across"]) -> Float[Tensor, "b 2"]:
        """Return the logits that scores add up to."""
        return scores.mean((2, 3))

    def relevance(
        self, scores: Float[Tensor, "b 2 down across"], attn: Float[Tensor, "b layers tokens tokens"]
    ) -> Float[Tensor, "b down across"]:
        """Return the map of the target: its scores, times how much the class token attends to each patch in all layers.

        It is below 0 where a score is.
        """
        attended = attn[:, :, 0, 1:].sum(1)
        return attended.reshape(scores[:, 1].shape) * scores[:, 1]
