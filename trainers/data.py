"""Loaders: samples in, batches of arrays out.

`ShardLoader` decodes pictures from the mapped files straight into the batch; `SampleLoader` takes them from
whatever makes a sample of an index, such as `synthgen.engine.CompositeDataset`.

Which sample comes when is a function of (seed, epoch) alone: neither shard size, nor threads, nor
the number of ranks changes it (law 1 for training).
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

import numpy as np
from jaxtyping import UInt8

from synthgen.core.errors import TrainingError
from synthgen.core.types import RGB, InstanceMask, Sample, Size, Split
from synthgen.shards.cells import PictureColumn
from synthgen.shards.codec import decode_image, decode_mask
from synthgen.shards.reader import ShardDataset
from trainers.batch_memory import BatchMemory
from trainers.order import WINDOW_ROWS, EpochOrder, batch_bounds, batch_count

__all__ = ["Batch", "BatchLoader", "SampleLoader", "Samples", "ShardLoader", "Source"]

AHEAD = 2  # batches in the making; with the one handed out, three are in memory


@dataclass(frozen=True, slots=True, eq=False)
class Batch:
    """One step's data.

    Attributes:
        images: RGB uint8 (batch, height, width, 3), which is what `channels_last` means to torch.
        masks: uint8 (batch, height, width), pixel = instance number, 0 = none; None where the loader reads no masks.
        indices: Index of each sample within its split.
    """

    images: UInt8[np.ndarray, "b h w 3"]
    masks: UInt8[np.ndarray, "b h w"] | None
    indices: tuple[int, ...]


@runtime_checkable
class Source(Protocol):
    """Where the pixels of a split come from."""

    size: Size
    masks: bool

    def __len__(self) -> int:
        """Samples of the split."""
        ...

    def read(self, row: int, image: RGB, mask: InstanceMask | None) -> None:
        """Write the pixels of a sample into the batch; called from several threads."""
        ...


@runtime_checkable
class Samples(Protocol):
    """Samples of one size by index, the same ones whenever they are asked for, also from several threads."""

    def __len__(self) -> int:
        """Samples there are."""
        ...

    def __getitem__(self, index: int) -> Sample:
        """Return sample `index`."""
        ...


class BatchLoader:
    """Iterates over a source, one epoch after the other; `set_epoch` chooses which comes next.

    `state_dict` after any batch leads a new loader to the next one, also with another number of ranks as
    long as all ranks' batches together are of the same size. An epoch takes every sample once; its last batch may be
    smaller, or by one sample larger where the rest would leave a rank without any.
    """

    def __init__(
        self,
        source: Source,
        *,
        batch_size: int,
        seed: int,
        shuffle: bool,
        threads: int = 2,
        rank: int = 0,
        ranks: int = 1,
        window: int = WINDOW_ROWS,
        pinned: bool = False,
    ) -> None:
        """Set the order.

        Args:
            source: Of the samples.
            batch_size: Samples in a batch of one rank.
            seed: Of the order.
            shuffle: False for the order of the source.
            threads: Read at a time.
            rank: This process among `ranks` that share the source.
            ranks: Processes that train together.
            window: Rows within which rows are shuffled; blocks of rows are shuffled over the whole source.
            pinned: Page-locked batches, which are copied to a CUDA device while it computes.

        Raises:
            TrainingError: There are more ranks than samples.
        """
        if ranks > len(source):
            raise TrainingError(f"{len(source)} samples for {ranks} ranks; use fewer ranks")
        self._source = source
        self._batch_size, self._rank, self._ranks = batch_size, rank, ranks
        self._seed, self._shuffle, self._threads, self._window = seed, shuffle, threads, window
        self._memory = BatchMemory(pinned=pinned)
        self._epoch, self._next, self._start = 0, 0, 0

    def __len__(self) -> int:
        """Batches in an epoch."""
        return batch_count(len(self._source), self._batch_size, self._ranks)

    @property
    def size(self) -> tuple[int, int]:
        """(height, width) of the images."""
        return self._source.size

    def set_epoch(self, epoch: int) -> None:
        """Start epoch `epoch`, unless a loaded state is within it already."""
        if epoch != self._epoch:
            self._epoch, self._next, self._start = epoch, 0, 0

    def state_dict(self) -> dict[str, int]:
        """Return the place in the epoch, for `load_state_dict`; the same on every rank."""
        return {"epoch": self._epoch, "next": self._next, **self._order_key()}

    def load_state_dict(self, state: dict[str, int]) -> None:
        """Resume where `state_dict` was taken.

        Raises:
            TrainingError: The state is of another order.
        """
        for name, own in self._order_key().items():
            if state[name] != own:
                noun = name.replace("_", " ")
                raise TrainingError(f"loader state has {noun} {state[name]}, this loader {own}; resume with the same")
        self._epoch, self._next, self._start = state["epoch"], state["next"], state["next"]

    def __iter__(self) -> Iterator[Batch]:
        """Yield an epoch, or the rest of it after `load_state_dict`; two batches are decoded ahead."""
        order, epoch = self._order(), self._epoch
        first, self._start = self._start, 0
        with ThreadPoolExecutor(self._threads) as decoders:
            steps = iter(range(first, len(self)))
            pending = deque[tuple[Batch, list[Future[None]]]]()
            for number in range(first, len(self)):
                while len(pending) < AHEAD and (step := next(steps, None)) is not None:
                    pending.append(self._begin(order, step, decoders))
                batch, parts = pending.popleft()
                for part in parts:
                    part.result()
                # Told before the last batch is handed out, as few readers ask for one more.
                last = number + 1 == len(self)
                self._epoch, self._next = (epoch + 1, 0) if last else (epoch, number + 1)
                yield batch

    def _order_key(self) -> dict[str, int]:
        return {
            "seed": self._seed,
            "samples": len(self._source),
            "samples_per_step": self._batch_size * self._ranks,
            "window": self._window,
        }

    def _order(self) -> EpochOrder:
        return EpochOrder(
            len(self._source), seed=self._seed, epoch=self._epoch, shuffle=self._shuffle, window=self._window
        )

    def _begin(self, order: EpochOrder, step: int, decoders: ThreadPoolExecutor) -> tuple[Batch, list[Future[None]]]:
        """Start to fill a batch, a part in each thread; it is whole when the futures are done."""
        bounds = batch_bounds(len(order), self._batch_size, self._rank, self._ranks, step)
        rows = tuple(order.rows(*bounds).tolist())
        images = self._memory.take(len(rows), *self.size, 3)
        masks = self._memory.take(len(rows), *self.size) if self._source.masks else None
        batch = Batch(images, masks, rows)
        return batch, [decoders.submit(self._fill, batch, part) for part in range(self._threads)]

    def _fill(self, batch: Batch, part: int) -> None:
        for place in range(part, len(batch.indices), self._threads):
            mask = None if batch.masks is None else batch.masks[place]
            self._source.read(batch.indices[place], batch.images[place], mask)


class ShardLoader(BatchLoader):
    """Batches of a split of a finished dataset; takes `BatchLoader`'s options."""

    def __init__(self, dataset: Path, split: Split, *, masks: bool = True, **options: Any) -> None:
        """Open the split; nothing but the manifest is read yet. Without `masks`, nothing of masks is ever read.

        Raises:
            DatasetError: There is no finished dataset, or no such split.
            TrainingError: There are more ranks than samples.
        """
        super().__init__(_Shards(ShardDataset.open(dataset), split, masks), **options)


class SampleLoader(BatchLoader):
    """Batches of samples that are made when they are asked for; takes `BatchLoader`'s options."""

    def __init__(self, samples: Samples, **options: Any) -> None:
        """Look at the first sample for the size.

        Raises:
            TrainingError: There are more ranks than samples.
        """
        super().__init__(_Samples(samples), **options)


class _Shards:
    def __init__(self, dataset: ShardDataset, split: Split, masks: bool) -> None:
        self._images = PictureColumn(dataset, split, "image")
        self._masks = PictureColumn(dataset, split, "mask") if masks else None
        self.size, self.masks = dataset.manifest.size, masks

    def __len__(self) -> int:
        return len(self._images)

    def read(self, row: int, image: RGB, mask: InstanceMask | None) -> None:
        decode_image(self._images[row], out=image)
        if self._masks is not None and mask is not None:
            mask[:] = decode_mask(self._masks[row])


class _Samples:
    def __init__(self, samples: Samples) -> None:
        self._samples = samples
        height, width = samples[0].mask.shape
        self.size, self.masks = (height, width), True

    def __len__(self) -> int:
        return len(self._samples)

    def read(self, row: int, image: RGB, mask: InstanceMask | None) -> None:
        sample = self._samples[row]
        image[:] = sample.image
        if mask is not None:
            mask[:] = sample.mask
