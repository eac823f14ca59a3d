"""`ShardLoader`: shards in, batches of arrays out; decoded in threads straight into the batch (law 1 for training).

The order is a permutation of the whole split drawn from (seed, epoch), so neither shard size nor
thread count changes it. The split's encoded bytes are held in memory, about 20 kB for a 256×256 sample.
"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from jaxtyping import UInt8

from synthgen.core.errors import TrainingError
from synthgen.core.types import Split
from synthgen.shards.codec import decode_image, decode_mask
from synthgen.shards.reader import ShardDataset

__all__ = ["Batch", "ShardLoader"]


@dataclass(frozen=True, slots=True, eq=False)
class Batch:
    """One step's data.

    Attributes:
        images: RGB uint8 (batch, 3, height, width).
        masks: uint8 (batch, 1, height, width), 1 = target.
        indices: Index of each sample within its split.
    """

    images: UInt8[np.ndarray, "b 3 h w"]
    masks: UInt8[np.ndarray, "b 1 h w"]
    indices: tuple[int, ...]


class ShardLoader:
    """Iterates over a split, one epoch after the other; `set_epoch` chooses which comes next.

    `state_dict` after any batch leads a new loader to the next one. The last batch may be smaller.
    """

    def __init__(
        self, dataset: Path, split: Split, *, batch_size: int, seed: int, shuffle: bool, threads: int = 2
    ) -> None:
        """Open the split.

        Raises:
            DatasetError: There is no finished dataset, or no such split.
        """
        shards = ShardDataset.open(dataset)
        table = shards.table(split, ["index", "image", "mask"])
        # Chunks stay apart: together they could pass the 2 GiB that one Arrow array of bytes holds.
        self._images = [chunk.field("bytes") for chunk in table["image"].chunks]
        self._masks = [chunk.field("bytes") for chunk in table["mask"].chunks]
        self._starts = np.cumsum([0, *(len(chunk) for chunk in self._images)])
        self._indices = table["index"].to_numpy()
        self._size = shards.manifest.size
        self._batch_size, self._seed, self._shuffle, self._threads = batch_size, seed, shuffle, threads
        self._epoch, self._next, self._start = 0, 0, 0

    def __len__(self) -> int:
        """Batches in an epoch."""
        return -(-len(self._indices) // self._batch_size)

    @property
    def size(self) -> tuple[int, int]:
        """(height, width) of the images."""
        return self._size

    def set_epoch(self, epoch: int) -> None:
        """Start epoch `epoch`, unless a loaded state is within it already."""
        if epoch != self._epoch:
            self._epoch, self._next, self._start = epoch, 0, 0

    def state_dict(self) -> dict[str, int]:
        """Return the place in the epoch, for `load_state_dict`."""
        return {"epoch": self._epoch, "next": self._next, "seed": self._seed, "batch_size": self._batch_size}

    def load_state_dict(self, state: dict[str, int]) -> None:
        """Resume where `state_dict` was taken.

        Raises:
            TrainingError: The state is of another order.
        """
        for name, own in (("seed", self._seed), ("batch_size", self._batch_size)):
            if state[name] != own:
                raise TrainingError(f"loader state has {name} {state[name]}, this loader {own}; resume with the same")
        self._epoch, self._next, self._start = state["epoch"], state["next"], state["next"]

    def __iter__(self) -> Iterator[Batch]:
        """Yield an epoch, or the rest of it after `load_state_dict`; one batch is decoded ahead."""
        order, epoch = self._order(), self._epoch
        first, self._start = self._start, 0
        with ThreadPoolExecutor(self._threads) as decoders, ThreadPoolExecutor(1) as ahead:
            pending = ahead.submit(self._load, order, first, decoders)
            for number in range(first, len(self)):
                batch = pending.result()
                if number + 1 < len(self):
                    pending = ahead.submit(self._load, order, number + 1, decoders)
                    self._epoch, self._next = epoch, number + 1
                else:  # told before the last batch is handed out, as few readers ask for one more
                    self._epoch, self._next = epoch + 1, 0
                yield batch

    def _order(self) -> np.ndarray:
        if not self._shuffle:
            return np.arange(len(self._indices))
        return np.random.default_rng([self._seed, self._epoch]).permutation(len(self._indices))

    def _load(self, order: np.ndarray, number: int, decoders: ThreadPoolExecutor) -> Batch:
        rows = order[number * self._batch_size : (number + 1) * self._batch_size]
        images = np.empty((len(rows), 3, *self._size), dtype=np.uint8)
        masks = np.empty((len(rows), 1, *self._size), dtype=np.uint8)

        def decode(place: int) -> None:
            chunk = int(np.searchsorted(self._starts, rows[place], side="right")) - 1
            row = int(rows[place] - self._starts[chunk])
            cv2.split(decode_image(self._images[chunk][row].as_py()), list(images[place]))
            np.not_equal(decode_mask(self._masks[chunk][row].as_py()), 0, out=masks[place, 0], casting="unsafe")

        list(decoders.map(decode, range(len(rows))))
        return Batch(images, masks, tuple(int(self._indices[row]) for row in rows))
