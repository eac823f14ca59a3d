"""Loaders: samples in, batches of arrays out.

`ShardLoader` decodes pictures from the mapped files straight into the batch; `SampleLoader` takes them from
whatever makes a sample of an index, such as `Studio.samples` of `synthgen.studio`.

Which sample comes when is a function of (seed, epoch) alone: neither shard size, nor threads, nor
the number of ranks changes it (law 1 for training).
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

from synthgen.core.errors import TrainingError
from synthgen.core.picture import Samples
from synthgen.core.types import Size, Split
from trainers.config.crop import Crop
from trainers.loading.balance import BalancedOrder, classes_of
from trainers.loading.classed import by_class
from trainers.loading.memory import BatchMemory
from trainers.loading.order import WINDOW_ROWS, EpochOrder, Rows, batch_bounds, batch_count
from trainers.loading.seen import Mixed, Viewed, positives_of
from trainers.loading.source import SampleSource, ShardSource, Source
from trainers.loading.targets import Batch, Collate, Column, Masked, SeesPictures
from trainers.loading.transform import Transform
from trainers.loading.view import view_of

__all__ = ["BatchLoader", "SampleLoader", "ShardLoader"]

MASKS: Collate = Masked()
AHEAD = 2  # batches in the making; with the one handed out, three are in memory


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
        collate: Collate | None,
        batch_size: int,
        seed: int,
        shuffle: bool,
        threads: int = 2,
        rank: int = 0,
        ranks: int = 1,
        window: int = WINDOW_ROWS,
        pinned: bool = False,
        positive_share: float = 0.0,
        size: Size | None = None,
        crop: Crop | None = None,
        transforms: Sequence[Transform] = (),
    ) -> None:
        """Set the order.

        Args:
            source: Of the samples.
            collate: Makes the targets of a batch; None for images alone.
            batch_size: Samples in a batch of one rank.
            seed: Of the order.
            shuffle: False for the order of the source.
            threads: Read at a time.
            rank: This process among `ranks` that share the source.
            ranks: Processes that train together.
            window: Rows within which rows are shuffled; blocks of rows are shuffled over the whole source.
            pinned: Page-locked batches, which are copied to a CUDA device while it computes.
            positive_share: Share of samples with a target in every stretch of a shuffled epoch; 0 for as they come.
            size: (height, width) that the pictures are brought to; None for their own.
            crop: How to take parts of them; None for whole ones, fitted into `size`.
            transforms: Of each sample, as it is loaded, at that size, one after the other.

        Raises:
            TrainingError: There are more ranks than samples, or none of a class that is asked for.
        """
        if ranks > len(source):
            raise TrainingError(f"{len(source)} samples for {ranks} ranks; use fewer ranks")
        view = view_of(source.size, size, crop, seed)
        self._source, self._collate = source if view is None else Viewed(source, view), collate
        self._batch_size, self._rank, self._ranks = batch_size, rank, ranks
        self._seed, self._shuffle, self._threads, self._window = seed, shuffle, threads, window
        self._transforms = tuple(transforms)
        self._groups, self._shares = _groups_of(self._source, positive_share)
        self._positive_share, self._mixed = positive_share, isinstance(self._source, Mixed)
        self._memory = BatchMemory(pinned=pinned)
        self._epoch, self._next, self._start = 0, 0, 0

    def __len__(self) -> int:
        """Batches in an epoch."""
        return batch_count(len(self._source), self._batch_size, self._ranks)

    @property
    def size(self) -> Size:
        """(height, width) of the images."""
        return self._source.size

    @property
    def source(self) -> Source:
        """The samples as the network sees them, before any transform."""
        return self._source

    def set_epoch(self, epoch: int) -> None:
        """Start epoch `epoch`, unless a loaded state is within it already."""
        if epoch != self._epoch:
            self._epoch, self._next, self._start = epoch, 0, 0

    def state_dict(self) -> dict[str, Any]:
        """Return the place in the epoch, for `load_state_dict`; the same on every rank."""
        return {"epoch": self._epoch, "next": self._next, **self._order_key()}

    def load_state_dict(self, state: dict[str, Any]) -> None:
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
                    pending.append(self._begin(order, epoch, step, decoders))
                batch, parts = pending.popleft()
                for part in parts:
                    part.result()
                # Told before the last batch is handed out, as few readers ask for one more.
                last = number + 1 == len(self)
                self._epoch, self._next = (epoch + 1, 0) if last else (epoch, number + 1)
                yield batch

    def _order_key(self) -> dict[str, Any]:
        return {
            "seed": self._seed,
            "samples": len(self._source),
            "samples_per_step": self._batch_size * self._ranks,
            "window": self._window,
            "positive_share": self._positive_share,
            **({"shares": list(self._shares)} if self._mixed else {}),  # states of before do not say it
        }

    def _order(self) -> EpochOrder | BalancedOrder:
        if self._groups:
            return BalancedOrder(self._groups, self._shares, seed=self._seed, epoch=self._epoch)
        return EpochOrder(
            len(self._source), seed=self._seed, epoch=self._epoch, shuffle=self._shuffle, window=self._window
        )

    def _begin(
        self, order: EpochOrder | BalancedOrder, epoch: int, step: int, decoders: ThreadPoolExecutor
    ) -> tuple[Batch, list[Future[None]]]:
        """Start to fill a batch, a part in each thread; it is whole when the futures are done."""
        shares = [batch_bounds(len(order), self._batch_size, rank, self._ranks, step) for rank in range(self._ranks)]
        rows = tuple(order.rows(*shares[self._rank]).tolist())
        images = self._memory.take(len(rows), *self.size, 3)
        targets = None if self._collate is None else self._collate.room(len(rows), self.size, self._memory)
        batch = Batch(images, targets, rows, shares[-1][1] - shares[0][0])
        return batch, [decoders.submit(self._fill, batch, epoch, part) for part in range(self._threads)]

    def _fill(self, batch: Batch, epoch: int, part: int) -> None:
        for place in range(part, len(batch.indices), self._threads):
            row, image = batch.indices[place], batch.images[place]
            truth = self._source.read(row, image, epoch)
            if isinstance(self._collate, SeesPictures):
                self._collate.see(batch.targets, place, image)
            for transform in self._transforms:
                truth = transform(image, truth, epoch, row)
            if self._collate is not None:
                self._collate.put(batch.targets, place, truth)


class ShardLoader(BatchLoader):
    """Batches of a split of a finished dataset; takes `BatchLoader`'s options."""

    def __init__(
        self, dataset: Path, split: Split, *, collate: Collate | None = MASKS, samples: int = 0, **options: Any
    ) -> None:
        """Open the split, or its first `samples` samples.

        Columns that `collate` does not ask for are never read.

        Raises:
            DatasetError: There is no finished dataset, or no such split.
            TrainingError: There are more ranks than samples, or fewer samples than asked for.
        """
        columns = frozenset[Column]() if collate is None else collate.columns
        source = ShardSource(dataset, split, columns, samples)
        super().__init__(by_class(source, collate), collate=collate, **options)


class SampleLoader(BatchLoader):
    """Batches of samples that are made when they are asked for; takes `BatchLoader`'s options."""

    def __init__(self, samples: Samples, *, collate: Collate | None = MASKS, **options: Any) -> None:
        """Look at the first sample for the size.

        Raises:
            TrainingError: There are more ranks than samples.
        """
        super().__init__(by_class(SampleSource(samples), collate), collate=collate, **options)


def _groups_of(source: Source, positive_share: float) -> tuple[Sequence[Rows], Sequence[float]]:
    """Return the groups of rows that have shares of an epoch, and these shares but the last; none where rows are alike.

    Raises:
        TrainingError: Positives are to have a share, and there are none, or nobody knows which they are.
    """
    if positive_share:
        return classes_of(positives_of(source)), (positive_share,)
    return (source.groups, source.shares[:-1]) if isinstance(source, Mixed) else ((), ())
