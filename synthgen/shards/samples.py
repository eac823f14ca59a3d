"""A split of shards as a sequence of pictures, any of them at once."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from functools import lru_cache, partial
from typing import Any

from synthgen.core.errors import DatasetError
from synthgen.core.picture import EncodedPicture, Truth
from synthgen.core.types import Split
from synthgen.shards.cells import PictureColumn
from synthgen.shards.codec import decode_image, decode_truth
from synthgen.shards.reader import ShardDataset, read_rows
from synthgen.shards.traits import TRAIT_COLUMNS, row_traits

__all__ = ["ShardSamples"]

FACTS = (
    "sample_id",
    "scene_id",
    "height",
    "width",
    "label",
    "unlabelled",
    "instances.list.element.number",
    "instances.list.element.category",
    "instances.list.element.bbox",
    "instances.list.element.area",
    "hidden",
)
KEPT_SHARDS = 32  # whose facts, about a kilobyte a row, stay in memory


class ShardSamples:
    """The pictures of a split in order of index; each is found by walking no other.

    Example:
        >>> pictures = ShardSamples(ShardDataset.open(Path("dataset")), "test")  # doctest: +SKIP
        >>> pictures[17].truth.label  # doctest: +SKIP
        1
    """

    def __init__(self, dataset: ShardDataset, split: Split, *, samples: int = 0) -> None:
        """Look at the manifest; shards are opened when their rows are asked for.

        Take the first `samples` rows, or all where it is 0.

        Raises:
            DatasetError: The split has no rows or fewer than `samples`, or a file is missing.
        """
        present = dataset.count(split)
        if samples > present:
            raise DatasetError(f"{dataset.place}: {present} rows in {split!r}, asked for {samples}; ask for fewer")
        self._source = (dataset, split, samples)
        self._length = samples or present
        self._images, self._masks = (PictureColumn(dataset, split, column) for column in ("image", "mask"))
        entries = dataset.entries(split)
        self._firsts = [entry.first for entry in entries]
        self._facts = lru_cache(KEPT_SHARDS)(lambda shard: list(read_rows(dataset.local(entries[shard]), FACTS)))
        self._traits = lru_cache(KEPT_SHARDS)(
            lambda shard: [row_traits(row) for row in read_rows(dataset.local(entries[shard]), TRAIT_COLUMNS)]
        )

    def __reduce__(self) -> tuple[Any, ...]:
        """Open the files anew in the process that unpickles it."""
        return _opened, self._source

    def __len__(self) -> int:
        """Number of pictures."""
        return self._length

    def __getitem__(self, index: int, /) -> EncodedPicture:
        """Return picture `index`.

        Raises:
            IndexError: There is no such picture.
            DatasetError: Its shard is damaged.
        """
        shard, place = self._place(index)
        row = self._facts(shard)[place]
        data = self._images[index]
        return EncodedPicture(
            name=row["sample_id"],
            group=row["scene_id"],
            size=(row["height"], row["width"]),
            data=data,
            read_image=partial(decode_image, data),
            read_truth=partial(self._truth, index, row),
        )

    def __iter__(self) -> Iterator[EncodedPicture]:
        """Read one picture after the other."""
        return (self[index] for index in range(self._length))

    def traits(self, index: int) -> dict[str, float | str]:
        """Return what row `index` knows of its picture beyond the truth; see `synthgen.shards.traits`.

        Raises:
            IndexError: There is no such picture.
            DatasetError: Its shard is damaged.
        """
        shard, place = self._place(index)
        return self._traits(shard)[place]

    def _place(self, index: int) -> tuple[int, int]:
        """Return the shard of a picture, and its row there."""
        if not 0 <= index < self._length:
            raise IndexError(f"picture {index} of {self._length}")
        shard = bisect_right(self._firsts, index) - 1
        return shard, index - self._firsts[shard]

    def _truth(self, index: int, row: dict[str, Any]) -> Truth:
        return decode_truth({**row, "mask": {"bytes": self._masks[index]}})


def _opened(dataset: ShardDataset, split: Split, samples: int) -> ShardSamples:
    return ShardSamples(dataset, split, samples=samples)
