"""Memory for batches, used again when a batch is gone: new pages can cost half as much as decoding into them."""

from __future__ import annotations

import math
import mmap
import weakref
from collections import defaultdict

import numpy as np
from jaxtyping import UInt8

__all__ = ["BatchMemory"]


class BatchMemory:
    """Hands out arrays; the memory of one comes back when no view of it is left."""

    def __init__(self, *, pinned: bool = False) -> None:
        """Choose ordinary memory, or page-locked, from which CUDA copies while the processor goes on."""
        self._pinned = pinned
        self._free = defaultdict[int, list[mmap.mmap]](list)

    def take(self, *shape: int) -> UInt8[np.ndarray, ...]:
        """Return an array of any content."""
        size = math.prod(shape)
        return (self._pinned_array(size) if self._pinned else self._array(size)).reshape(shape)

    def _array(self, size: int) -> np.ndarray:
        free = self._free[size]
        block = free.pop() if free else mmap.mmap(-1, size)
        array = np.frombuffer(block, np.uint8)  # every view holds on to this one
        weakref.finalize(array, free.append, block).atexit = False
        return array

    def _pinned_array(self, size: int) -> np.ndarray:
        import torch  # only here, so that loading needs no torch; its allocator keeps what copies still read

        array: np.ndarray = torch.empty(size, dtype=torch.uint8, pin_memory=True).numpy()
        return array
