"""One batch out of those of all ranks, so that a loss over a whole batch is the same for any number of ranks."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, distributed

__all__ = ["gathered", "several_ranks"]


def several_ranks() -> bool:
    """Tell whether this process trains together with others."""
    return distributed.is_available() and distributed.is_initialized() and distributed.get_world_size() > 1


def gathered(*parts: Tensor) -> tuple[Tensor, ...]:
    """Return tensors (b, …), all of one length, of all ranks; gradients find their way back to each rank.

    A rank's gradient comes back multiplied by the number of ranks, which averaging over ranks, as
    `DistributedDataParallel` does it, undoes: its parameters get the gradient of the loss of the whole batch.
    """
    if not several_ranks():
        return parts
    own = torch.tensor([len(parts[0])], device=parts[0].device)
    sizes = [int(size) for size in _Gather.apply(own)]
    return tuple(_joined(part, sizes) for part in parts)


class _Gather(torch.autograd.Function):
    """(…) of each rank → (ranks, …) on every rank."""

    @staticmethod
    def forward(context: Any, part: Tensor) -> Tensor:
        parts = [torch.empty_like(part) for _ in range(distributed.get_world_size())]
        distributed.all_gather(parts, part)
        return torch.stack(parts)

    @staticmethod
    def backward(context: Any, gradient: Tensor) -> Tensor:
        total = gradient.contiguous()
        distributed.all_reduce(total)
        return total[distributed.get_rank()]


def _joined(part: Tensor, sizes: list[int]) -> Tensor:
    """Gather parts of unequal length: each is padded to the longest, and cut again."""
    padding = part.new_zeros(max(sizes) - len(part), *part.shape[1:])
    parts = _Gather.apply(torch.cat([part, padding]).contiguous())
    return torch.cat([found[:size] for found, size in zip(parts, sizes, strict=True)])
