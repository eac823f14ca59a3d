"""CLIP's loss where several pictures of a batch have one caption: each is a positive of the caption of the others."""

from __future__ import annotations

import torch
from jaxtyping import Float, Int64
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from trainers.clip.libraries import library

__all__ = ["SeveralPositives", "positives_of"]


class SeveralPositives(nn.Module):
    """open_clip's logits; in each direction the target is spread evenly over the positives (UniCL, Yang et al. 2022).

    Where all captions differ it is open_clip's `ClipLoss`.
    """

    def __init__(self) -> None:
        """Build open_clip's loss, which makes the logits."""
        super().__init__()
        self._clip = library("open_clip").ClipLoss()

    def forward(
        self, images: Float[Tensor, "b e"], texts: Float[Tensor, "b e"], scale: Tensor, ids: Int64[Tensor, "b context"]
    ) -> Tensor:
        """Return the loss of pictures and their captions, a scalar; 0 of none.

        Args:
            images: Embeddings of unit length.
            texts: Embeddings of the captions, in the same order.
            scale: Of the cosines, a scalar.
            ids: The captions as numbers of tokens.
        """
        if not len(images):
            return images.sum() * 0
        positives = positives_of(ids).to(images)
        by_image, by_text = self._clip.get_logits(images, texts, scale)
        return (cross_entropy(by_image, positives) + cross_entropy(by_text, positives)) / 2


def positives_of(ids: Int64[Tensor, "b context"]) -> Float[Tensor, "b b"]:
    """Return for each picture how its target is spread: evenly over the captions that are its own; rows add up to 1."""
    same = torch.eq(ids[:, None], ids[None]).all(-1).float()
    return same / same.sum(1, keepdim=True)
