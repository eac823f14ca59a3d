"""TextSpan (Gandelsman et al. 2024, algorithm 1): texts whose directions tell what a head of a CLIP varies by."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

__all__ = ["Span", "text_span"]

RANK = 80  # of what a head writes; the paper's, of ViT-L
NOTHING = 1e-12  # of the variance: rounding


@dataclass(frozen=True, slots=True)
class Span:
    """Texts that tell what a head varies by, the one that tells most first.

    Attributes:
        texts: Their places among those that were offered.
        shares: Of the head's variance that each tells beyond those before it, 0–1.
    """

    texts: tuple[int, ...]
    shares: tuple[float, ...]


def text_span(head: Float[np.ndarray, "n e"], texts: Float[np.ndarray, "k e"], count: int, rank: int = RANK) -> Span:
    """Return the texts that tell most of what a head gives to n pictures.

    Texts are brought into the space that the head reaches. Then that text is taken, again and again, along which the
    pictures vary most, and its direction is removed from pictures and texts. What is counted is the variance that is
    removed: the authors' code rebuilds the head, and adds in place to a view whose rows are one.

    Args:
        head: Its share in the embedding of each picture.
        texts: Embeddings of the texts.
        count: Texts to take; fewer are returned where nothing is left to tell.
        rank: Directions that the head is taken to reach.
    """
    reached = np.linalg.svd(head.astype(np.float64), full_matrices=False)[2][:rank]
    words = texts.astype(np.float64) @ reached.T @ reached
    left = head.astype(np.float64) - head.mean(0, dtype=np.float64)
    whole, found, shares = float((left**2).sum()), list[int](), list[float]()
    for _ in range(min(count, len(texts))):
        before = float((left**2).sum())
        if before <= NOTHING * whole:
            break
        spread = (left @ words.T).std(0)
        best = int(spread.argmax())
        if spread[best] <= 0:
            break
        along = words[best] / np.linalg.norm(words[best])
        left = left - np.outer(left @ along, along)
        words = words - np.outer(words @ along, along)
        words[[*found, best]] = 0  # not what rounding leaves of them
        found.append(best)
        shares.append((before - float((left**2).sum())) / whole)
    return Span(tuple(found), tuple(shares))
