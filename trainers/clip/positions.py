"""Position embeddings at another size than the one they were learnt at."""

from __future__ import annotations

import torch
from jaxtyping import Float
from torch import Tensor
from torch.nn.functional import interpolate

from synthgen.core.types import Size

__all__ = ["positions_at"]


def positions_at(learnt: Float[Tensor, "_n w"], grid: Size, wanted: Size) -> Float[Tensor, "_m w"]:
    """Return the embeddings of another grid of patches, as open_clip makes them: bicubic, with antialias.

    Args:
        learnt: Of the class token, then of the patches, row by row.
        grid: Patches (down, across) of `learnt`.
        wanted: Patches (down, across) of what is returned.
    """
    if grid == wanted:
        return learnt
    patches = learnt[1:].T.reshape(1, -1, *grid)
    moved = interpolate(patches, size=wanted, mode="bicubic", align_corners=False, antialias=True)
    return torch.cat([learnt[:1], moved[0].flatten(1).T])
