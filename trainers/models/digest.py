"""A name of all that decides what a network gives."""

from __future__ import annotations

import torch
import xxhash
from torch import nn

__all__ = ["digest_of"]


def digest_of(network: nn.Module, described: str) -> str:
    """Return 32 hexadecimal digits that name the weights of a network and what else is `described` of it."""
    found = xxhash.xxh3_128(described.encode())
    for name, value in network.state_dict().items():
        found.update(f"{name} {value.dtype} {tuple(value.shape)}".encode())
        found.update(value.detach().cpu().contiguous().reshape(-1).view(torch.uint8).numpy().data)
    return found.hexdigest()
