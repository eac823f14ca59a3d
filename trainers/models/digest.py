"""A name of weights by content."""

from __future__ import annotations

from collections.abc import Mapping

import torch
import xxhash
from torch import Tensor

__all__ = ["digest_of"]


def digest_of(weights: Mapping[str, Tensor], about: str = "") -> str:
    """Return 32 hexadecimal digits that name weights, what they are called, and what is said about them."""
    found = xxhash.xxh3_128(about.encode())
    for name, value in weights.items():
        found.update(f"{name} {value.dtype} {tuple(value.shape)}".encode())
        found.update(value.detach().cpu().contiguous().reshape(-1).view(torch.uint8).numpy().data)
    return found.hexdigest()
