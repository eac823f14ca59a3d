"""Sources made of sources: one through a view, several as one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool

from synthgen.core.errors import TrainingError
from synthgen.core.picture import Truth
from synthgen.core.types import RGB, Size
from trainers.loading.order import Rows
from trainers.loading.source import Source, TellsPositives
from trainers.loading.view import View

__all__ = ["Mixed", "Viewed", "positives_of"]


@dataclass(frozen=True, slots=True, eq=False)
class Viewed:
    """Another source through a view.

    Attributes:
        source: Of whole pictures.
        view: What becomes of them.
    """

    source: Source
    view: View

    @property
    def size(self) -> Size:
        """(height, width) of what the view gives."""
        return self.view.size

    def __len__(self) -> int:
        """Samples of the source."""
        return len(self.source)

    def positive(self) -> Bool[np.ndarray, " n"]:
        """Return which samples have a target.

        Raises:
            TrainingError: The source cannot tell.
        """
        return positives_of(self.source)

    def read(self, row: int, image: RGB, epoch: int) -> Truth:
        """Read the whole picture; write what the view shows of it."""
        whole = np.empty((*self.source.size, 3), np.uint8)
        image[:], truth = self.view(whole, self.source.read(row, whole, epoch), epoch, row)
        return truth


class Mixed:
    """Several sources as one, of which each has its share in every stretch of an epoch."""

    def __init__(self, sources: Sequence[Source], shares: Sequence[float]) -> None:
        """Put the rows of sources of one size one after the other.

        Args:
            sources: At least one.
            shares: Of each, above 0; together 1.
        """
        self._sources, self.shares = tuple(sources), tuple(shares)
        self._starts = np.cumsum([0, *map(len, sources)])

    @property
    def size(self) -> Size:
        """(height, width) of all pictures."""
        return self._sources[0].size

    @property
    def groups(self) -> tuple[Rows, ...]:
        """The rows of each source."""
        return tuple(np.arange(first, last) for first, last in zip(self._starts, self._starts[1:], strict=False))

    def __len__(self) -> int:
        """Samples of all sources."""
        return int(self._starts[-1])

    def read(self, row: int, image: RGB, epoch: int) -> Truth:
        """Read the row of the source that it belongs to."""
        number = int(np.searchsorted(self._starts, row, side="right")) - 1
        return self._sources[number].read(row - int(self._starts[number]), image, epoch)


def positives_of(source: Source) -> Bool[np.ndarray, " n"]:
    """Return which samples of a source have a target.

    Raises:
        TrainingError: It cannot tell.
    """
    if not isinstance(source, TellsPositives):
        raise TrainingError("positive_share goes by a dataset alone; set it to 0, or leave photographs out")
    return source.positive()
