"""Recall at 1: is the caption that comes nearest to a picture, of all distinct ones, its own?"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Bool, Float, Int64
from torch import Tensor

__all__ = ["Recall", "recall_of"]


@dataclass(frozen=True, slots=True, eq=False)
class Recall:
    """What was found of pictures with captions.

    Attributes:
        right: Of each picture whether its own caption came nearest.
        distinct: How many captions there are to choose from.
        commonest: Share of the pictures that have the most frequent caption.
    """

    right: Bool[np.ndarray, " n"]
    distinct: int
    commonest: float

    @property
    def at_1(self) -> float:
        """Share of the pictures whose own caption came nearest; NaN of none."""
        return float(self.right.mean()) if len(self.right) else float("nan")

    @property
    def chance(self) -> float:
        """What any choice among the distinct captions scores on average if it does not look at the picture."""
        return 1 / self.distinct if self.distinct else float("nan")


@torch.no_grad()
def recall_of(
    images: Float[Tensor, "n e"], ids: Int64[Tensor, "n context"], texts: Callable[[Tensor], Tensor]
) -> Recall:
    """Compare pictures with the distinct captions among theirs.

    Args:
        images: Embeddings of unit length.
        ids: Their captions as numbers of tokens.
        texts: Numbers (k, context) → embeddings (k, e) of unit length.
    """
    if not len(images):
        return Recall(np.zeros(0, bool), 0, float("nan"))
    distinct, own, counts = torch.unique(ids, dim=0, return_inverse=True, return_counts=True)
    nearest = (images @ texts(distinct).to(images).T).argmax(1)
    return Recall((nearest == own).cpu().numpy(), len(distinct), float(counts.max()) / len(images))
